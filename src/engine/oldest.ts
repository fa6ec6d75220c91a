import semver from 'semver';

/** Debian 12's engine, and the oldest that is tested. */
export const OLDEST_ENGINE = '20.10';

/** The first with no-new-privileges for services (API 1.44). */
export const BLOCKS_SETUID = '25.0';

export function blocksSetuid(version: string): boolean {
  return isAtLeast(version, BLOCKS_SETUID);
}

/** Also true for a version that cannot be read. */
export function isTooOld(version: string): boolean {
  return !isAtLeast(version, OLDEST_ENGINE);
}

function isAtLeast(version: string, oldest: string): boolean {
  const parsed = semver.coerce(version);
  return parsed !== null && semver.gte(parsed, `${oldest}.0`);
}
