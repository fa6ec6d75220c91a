import { own } from '#values/own.ts';
import { fail } from '#errors';
import type { Dockerfile } from './dockerfile.ts';

type Config = Readonly<Record<string, string>>;

/** A secret that a step mounts. */
export interface SecretMount {
  readonly id: string;
  readonly required: boolean;
  /** Environment variable that has its content. */
  readonly env: string | undefined;
  /** Its options but `env`, as buildah reads them. */
  readonly options: readonly string[];
}

const SECRET = /^--mount=(?:[^,]+,)*type=secret(?:,|$)/;
export const TARGET = ['target', 'dst', 'destination'];
/** As buildah accepts it in `--secret id=`. */
const ID = /^[\w.-]{1,100}$/;

/** Values of the secrets that the Dockerfile mounts, by id. Throws DOCKERFILE_SECRET_MISSING. */
export function mountedSecrets({ instructions }: Dockerfile, config: Config): ReadonlyMap<string, string> {
  const mounts = instructions.flatMap(({ flags }) => flags.flatMap((flag) => secretMount(flag) ?? []));
  const values = new Map<string, string>();
  for (const { id, required } of mounts) {
    const value = secretOf(id, config);
    if (value === undefined && required) throw fail('DOCKERFILE_SECRET_MISSING', { id });
    if (value !== undefined) values.set(id, value);
  }
  return values;
}

/** Returns the config var for a secret id: the id itself, or NPM_TOKEN for `npm-token`. */
export function secretOf(id: string, config: Config): string | undefined {
  return own(config, id) ?? own(config, id.toUpperCase().replace(/[^A-Z0-9]/g, '_'));
}

/** Undefined for another flag. */
export function secretMount(flag: string): SecretMount | undefined {
  if (!SECRET.test(flag)) return undefined;
  const options = flag.slice('--mount='.length).split(',');
  const valueOf = (...keys: string[]): string | undefined =>
    options.map((option) => option.split('=')).findLast(([key]) => keys.includes(key!))?.[1];
  const id =
    valueOf('id') ??
    valueOf(...TARGET)
      ?.split('/')
      .at(-1) ??
    '';
  if (!ID.test(id)) return undefined;
  const isRequired = options.includes('required') || /^(true|1)$/i.test(valueOf('required') ?? '');
  return {
    id,
    required: isRequired,
    env: valueOf('env'),
    options: options.filter((option) => !option.startsWith('env=')),
  };
}
