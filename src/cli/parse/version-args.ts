import { fail } from '#errors';

/** `v3` or `3` to 3. Throws USAGE_INVALID. */
export function parseReleaseVersion(text: string, command: string): number {
  const [, version] = /^v?([1-9]\d{0,8})$/i.exec(text) ?? [];
  if (!version) throw fail('USAGE_INVALID', { why: `"${text}" is not a release; use v1, v2, and so on`, command });
  return Number(version);
}
