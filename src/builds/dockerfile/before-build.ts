import { checkAddresses, type Resolve } from '#registry/allowed/addresses.ts';
import type { BuildInput } from '../build.ts';
import { stackImage } from './box-input.ts';
import { checkDockerfile } from './dockerfile-rules.ts';

/**
 * Checks a Dockerfile and the addresses of all registries and servers that it names, before anything runs. Throws like
 * `checkDockerfile`.
 */
export async function checkBeforeBuild(text: string, input: BuildInput, resolve: Resolve): Promise<void> {
  const { stack, ref, target, platformEnv, buildArgs, registries } = input;
  const hosts = checkDockerfile(text, {
    buildArgs: {
      ...platformEnv,
      MOTHERSHIP_RUN_IMAGE: stackImage(stack.runImage).reference,
      MOTHERSHIP_BUILD_IMAGE: stackImage(stack.buildImage).reference,
      SOURCE_VERSION: ref ?? '',
      ...buildArgs,
    },
    stackImages: [stack.runImage, stack.buildImage].map((image) => stackImage(image).reference),
    allowedRegistries: registries?.allowed ?? [],
    ownRegistry: registries?.own,
    target,
  });
  await checkAddresses(hosts, resolve);
}
