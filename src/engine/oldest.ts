import semver from 'semver';

/** Debian 12's engine, and the oldest that is tested. */
export const OLDEST_ENGINE = '20.10';

/** Also true for a version that cannot be read. */
export function isTooOld(version: string): boolean {
  const parsed = semver.coerce(version);
  return !parsed || semver.lt(parsed, `${OLDEST_ENGINE}.0`);
}
