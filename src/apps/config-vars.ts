import { fail } from '#errors';
import { own } from '#values/own.ts';
import { isUnknownSetting, misfit, similarSetting } from '#values/setting-ranges.ts';

type ConfigVars = Readonly<Record<string, string>>;

/** Heroku's limit for all config vars of an app is 64 KiB; a Swarm config holds at most 1,000 KiB. */
const CONFIG_LIMITS = { bytes: 64 * 1024, count: 1000 } as const;

const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** What sets these for each process: a config var of that name would be overwritten. */
const RESERVED: Readonly<Record<string, 'Mothership' | 'The image'>> = {
  DYNO: 'Mothership',
  PS: 'Mothership',
  MOTHERSHIP_APP: 'Mothership',
  MOTHERSHIP_RELEASE: 'Mothership',
  HOME: 'The image',
};

interface ConfigChanges {
  readonly set?: ConfigVars | undefined;
  readonly unset?: readonly string[] | undefined;
}

/** Applies changes to config vars and validates the result. Throws CONFIG_* errors, also for unknown keys to unset. */
export function changeConfig(app: string, before: ConfigVars, changes: ConfigChanges): ConfigVars {
  const after: Record<string, string> = { ...before };
  for (const key of changes.unset ?? []) {
    if (!Object.hasOwn(after, key)) throw fail('CONFIG_KEY_MISSING', { key, app });
    delete after[key];
  }
  for (const [key, value] of Object.entries(changes.set ?? {})) {
    checkKey(key);
    checkValue(key, value);
    after[key] = value;
  }
  checkSize(after);
  return after;
}

function checkKey(key: string): void {
  if (!KEY.test(key)) throw fail('CONFIG_KEY_INVALID', { key: key.slice(0, 80) });
  const owner = own(RESERVED, key);
  if (owner) throw fail('CONFIG_KEY_RESERVED', { key, owner });
  if (isUnknownSetting(key)) throw fail('CONFIG_SETTING_UNKNOWN', { key, similar: similarSetting(key) });
}

function checkValue(key: string, value: string): void {
  const range = misfit(key, value);
  if (range) throw fail('CONFIG_NUMBER_INVALID', { key, range });
  if (value.includes('\0')) throw fail('CONFIG_VALUE_INVALID', { key, why: 'contains a null byte' });
  // Half of a pair of UTF-16, which JSON can have as \ud800: it would arrive as U+FFFD.
  if (/\p{Surrogate}/u.test(value)) throw fail('CONFIG_VALUE_INVALID', { key, why: 'is not valid Unicode text' });
}

function checkSize(vars: ConfigVars): void {
  const entries = Object.entries(vars);
  if (entries.length > CONFIG_LIMITS.count)
    throw fail('CONFIG_TOO_MANY', { count: entries.length, limit: CONFIG_LIMITS.count });
  let total = 0;
  for (const [key, value] of entries) {
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
    if (bytes > CONFIG_LIMITS.bytes) throw tooLarge(key, bytes);
    total += bytes;
  }
  if (total > CONFIG_LIMITS.bytes) throw tooLarge('their total size', total);
}

function tooLarge(what: string, bytes: number): Error {
  return fail('CONFIG_TOO_LARGE', { what, size: kilobytes(bytes), limit: kilobytes(CONFIG_LIMITS.bytes) });
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`;
}

/** Describes a release like Heroku: "Set A, B config vars", "Unset C config vars". */
export function describeChanges(changes: ConfigChanges): string {
  const part = (verb: string, keys: readonly string[]): string[] =>
    keys.length === 0 ? [] : [`${verb} ${shortList(keys)} config var${keys.length > 1 ? 's' : ''}`];
  return (
    [...part('Set', Object.keys(changes.set ?? {})), ...part('Unset', changes.unset ?? [])].join('; ') || 'No change'
  );
}

function shortList(keys: readonly string[]): string {
  return keys.length > 6 ? `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more` : keys.join(', ');
}
