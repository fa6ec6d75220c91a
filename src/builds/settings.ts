import { fail } from '#errors';
import { hostName } from '#registry/allowed/addresses.ts';
import type { BuildSettingsRecord } from '#store';
import { defaultBuildLimits, type BuildLimits } from './build.ts';

type Changes<T> = { readonly [name in keyof T]?: T[name] | null | undefined };
type Named = Pick<BuildSettingsRecord, 'env' | 'registries' | 'registryLogins'>;

/** `null` removes a setting; a missing one stays. */
export type BuildSettingsChange = {
  readonly [kind in keyof Named]?: Changes<NonNullable<Named[kind]>> | undefined;
} & Changes<Omit<BuildSettingsRecord, keyof Named>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Stored in one label of a Swarm config, which must stay small. */
const MOST_BYTES = 8000;

/** Throws BUILD_SETTING_INVALID, BUILD_SETTING_MISSING or BUILD_SETTINGS_TOO_LARGE. */
export function changeSettings(
  { env, registries = {}, registryLogins = {}, ...limits }: BuildSettingsRecord,
  { env: variables = {}, registries: hosts = {}, registryLogins: logins = {}, ...changes }: BuildSettingsChange,
): BuildSettingsRecord {
  for (const [name, value] of Object.entries(variables)) checkVariable(name, value ?? null, env);
  checkHosts(hosts, registries);
  checkHosts(logins, registryLogins);
  const changed = {
    env: merged(env, variables),
    ...filled('registries', merged(registries, hosts)),
    ...filled('registryLogins', merged(registryLogins, logins)),
    ...Object.fromEntries(kept({ ...limits, ...changes })),
  };
  const bytes = Buffer.byteLength(JSON.stringify(changed));
  if (bytes > MOST_BYTES) throw fail('BUILD_SETTINGS_TOO_LARGE', { bytes, limit: MOST_BYTES });
  return changed;
}

/** Build limits before the app's own config vars. */
export function limitsFrom({ memoryBytes, cpus, diskBytes, seconds }: BuildSettingsRecord): BuildLimits {
  return {
    memoryBytes: memoryBytes ?? defaultBuildLimits.memoryBytes,
    cpus: cpus ?? defaultBuildLimits.cpus,
    pids: defaultBuildLimits.pids,
    diskBytes: diskBytes ?? defaultBuildLimits.diskBytes,
    seconds: seconds ?? defaultBuildLimits.seconds,
    outputBytes: defaultBuildLimits.outputBytes,
  };
}

function checkVariable(name: string, value: string | null, env: BuildSettingsRecord['env']): void {
  if (!NAME.test(name))
    throw fail('BUILD_SETTING_INVALID', {
      name: JSON.stringify(name.slice(0, 128)).slice(1, -1),
      why: 'a name may contain letters, digits and underscores',
    });
  if (value === null && !Object.hasOwn(env, name)) throw fail('BUILD_SETTING_MISSING', { name });
  if (value !== null && /[\u0000-\u001f\u007f]/.test(value))
    throw fail('BUILD_SETTING_INVALID', { name, why: 'its value contains control characters or more than one line' });
}

/** As in names of images, so that they compare equal: `HOST[:PORT]` in lower case. */
function checkHosts(changes: Changes<Record<string, unknown>>, current: Readonly<Record<string, unknown>>): void {
  for (const [host, value] of Object.entries(changes)) {
    if (!hostName(host) || !/^[a-z0-9.:[\]-]{1,250}$/.test(host) || host.includes('..'))
      throw fail('BUILD_SETTING_INVALID', {
        name: JSON.stringify(host.slice(0, 128)).slice(1, -1),
        why: 'a registry is HOST or HOST:PORT, in lower case, without a scheme or path',
      });
    if (value === null && !Object.hasOwn(current, host)) throw fail('BUILD_SETTING_MISSING', { name: host });
  }
}

function merged<T>(current: Readonly<Record<string, T>>, changes: Changes<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(kept({ ...current, ...changes }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filled<K extends string, T>(name: K, values: Readonly<Record<string, T>>): { [key in K]?: typeof values } {
  return Object.keys(values).length > 0 ? ({ [name]: values } as { [key in K]: typeof values }) : {};
}

function kept<T>(values: Readonly<Record<string, T | null | undefined>>): [string, T][] {
  return Object.entries(values).flatMap(([name, value]): [string, T][] =>
    value === null || value === undefined ? [] : [[name, value]],
  );
}
