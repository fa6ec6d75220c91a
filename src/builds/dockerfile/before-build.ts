import { checkAddresses, type Resolve } from '#registry/allowed/addresses.ts';
import type { BuildInput } from '../build.ts';
import { offeredArgs, stackImage } from './box-input.ts';
import { checkDockerfile } from './dockerfile-rules.ts';

/**
 * Checks a Dockerfile and the addresses of all registries and servers that it names, before anything runs. Throws like
 * `checkDockerfile`.
 */
export async function checkBeforeBuild(text: string, input: BuildInput, resolve: Resolve): Promise<void> {
  const { stack, target, buildArgs, registries } = input;
  const hosts = checkDockerfile(text, {
    buildArgs: { ...offeredArgs(input), ...buildArgs },
    stackImages: [stack.runImage, stack.buildImage].map((image) => stackImage(image).reference),
    allowedRegistries: registries?.allowed ?? [],
    ownRegistry: registries?.own,
    target,
  });
  await checkAddresses(hosts, resolve);
}
