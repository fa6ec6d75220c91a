import { fail } from '#errors';
import type { BuildSettingsRecord } from '#store';
import { defaultBuildLimits, type BuildLimits } from './build.ts';

/** `null` removes a setting; a missing one stays. */
export type BuildSettingsChange = {
  readonly env?: Readonly<Record<string, string | null>> | undefined;
} & { readonly [limit in keyof Omit<BuildSettingsRecord, 'env'>]?: number | null | undefined };

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Stored in one label of a Swarm config, which must stay small. */
const MOST_BYTES = 8000;

/** Throws BUILD_SETTING_INVALID, BUILD_SETTING_MISSING or BUILD_SETTINGS_TOO_LARGE. */
export function changeSettings(
  { env, ...limits }: BuildSettingsRecord,
  { env: variables = {}, ...changes }: BuildSettingsChange,
): BuildSettingsRecord {
  for (const [name, value] of Object.entries(variables)) checkVariable(name, value, env);
  const changed = {
    env: Object.fromEntries(kept({ ...env, ...variables }).sort(([a], [b]) => (a < b ? -1 : 1))),
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

function kept<T>(values: Readonly<Record<string, T | null | undefined>>): [string, T][] {
  return Object.entries(values).flatMap(([name, value]): [string, T][] =>
    value === null || value === undefined ? [] : [[name, value]],
  );
}
