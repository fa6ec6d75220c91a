import { createHash } from 'node:crypto';
import type { BuildInput } from '../build.ts';
import { declaredArgs, parseDockerfile } from './dockerfile.ts';
import { mountedSecrets } from './dockerfile-secrets.ts';
import { forBuildah } from './for-buildah.ts';
import type { Registries } from '../../registry/allowed/registries.ts';
import type { SmallFile } from '../source/tar-files.ts';

/** One of the stack's images, for a Dockerfile that declares the build arg. */
export interface StackImage {
  /** The engine's. */
  readonly image: string;
  /** Its name in the app's storage, where it stays for the next build: another image has another name. */
  readonly name: string;
  /** By which the Dockerfile names it. */
  readonly reference: string;
}

/** What a Dockerfile build's container gets besides the source. */
export interface BoxInput {
  readonly stackImages: readonly StackImage[];
  /** For `/build/in`; see `templates/images/dockerfile-box/build-dockerfile`. */
  readonly files: readonly SmallFile[];
}

/** Names without a registry are Docker Hub's, as for Docker; no other registry is searched. */
const SHORT_NAMES = ['unqualified-search-registries = ["docker.io"]', 'short-name-mode = "disabled"'];

/** Throws DOCKERFILE_SECRET_MISSING. */
export function boxInput(input: BuildInput, text: string): BoxInput {
  const { config, platformEnv, stack, caBundle, registries } = input;
  const dockerfile = parseDockerfile(text);
  const declared = declaredArgs(dockerfile);
  const secrets = mountedSecrets(dockerfile, { ...platformEnv, ...config });
  const args = { ...asDeclared(offeredArgs(input), declared), ...input.buildArgs };
  return {
    stackImages: Object.entries(stackArgs(stack)).flatMap(([arg, image]) => (declared.has(arg) ? [image] : [])),
    files: [
      { name: 'Dockerfile', content: forBuildah(text, dockerfile) },
      {
        name: 'arguments',
        content: buildahArguments(input, args, [...secrets.keys()])
          .map((word) => `${word}\0`)
          .join(''),
      },
      ...registryFiles(registries),
      ...[...secrets].map(([id, content]) => ({ name: `secrets/${id}`, content })),
      ...(caBundle ? [{ name: 'ca.pem', content: caBundle }] : []),
    ],
  };
}

/** Build args that a Dockerfile gets if it declares them, besides those of the user. */
export function offeredArgs({ platformEnv, stack, ref }: BuildInput): Record<string, string> {
  const images = Object.entries(stackArgs(stack)).map(([arg, { reference }]) => [arg, reference]);
  return { ...platformEnv, SOURCE_VERSION: ref ?? '', ...Object.fromEntries(images) };
}

function stackArgs({ runImage, buildImage }: BuildInput['stack']): Record<string, StackImage> {
  return { MOTHERSHIP_RUN_IMAGE: stackImage(runImage), MOTHERSHIP_BUILD_IMAGE: stackImage(buildImage) };
}

/**
 * See buildah-build(1). Times are the newest source file's, so that a commit always gives the same layers; a step's
 * cache does not look at them. A base image is fetched again when its tag has moved, as BuildKit does.
 */
function buildahArguments(
  { target, source }: BuildInput,
  args: Readonly<Record<string, string>>,
  secrets: readonly string[],
): string[] {
  return [
    ...['--file', '/build/in/Dockerfile', '--ignorefile', '/dev/null'],
    ...['--layers', '--format', 'docker', '--identity-label=false'],
    ...['--timestamp', String(Math.floor(source.modified.getTime() / 1000))],
    ...['--pull=newer', '--network', 'host', '--http-proxy=false'],
    // A step that leaves its root can make user namespaces, with all capabilities in them.
    ...['--cap-drop', 'CAP_SYS_CHROOT'],
    ...(target ? ['--target', target] : []),
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...secrets.flatMap((id) => ['--secret', `id=${id},src=/build/in/secrets/${id}`]),
    '/build/context',
  ];
}

function asDeclared(values: Readonly<Record<string, string>>, declared: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => declared.has(name)));
}

export function stackImage(image: string): StackImage {
  const name = `stack-${createHash('sha256').update(image).digest('hex').slice(0, 16)}`;
  return { image, name, reference: `localhost/mothership/${name}` };
}

/** A registry that an admin allowed may have no certificate, or none that is trusted. */
function registryFiles(
  { allowed, logins }: Pick<Registries, 'allowed' | 'logins'> = { allowed: [], logins: [] },
): SmallFile[] {
  const insecure = allowed.map((host) => `\n[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true`);
  const auths = logins.map(({ host, user, password }) => {
    return [host, { auth: Buffer.from(`${user}:${password.reveal()}`).toString('base64') }];
  });
  return [
    { name: 'registries.conf', content: [...SHORT_NAMES, ...insecure, ''].join('\n') },
    ...(auths.length > 0 ? [{ name: 'auth.json', content: JSON.stringify({ auths: Object.fromEntries(auths) }) }] : []),
  ];
}
