import { fail } from '#errors';

const FORM = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Reserved for the platform. */
const RESERVED = new Set([
  'mothership',
  'www',
  'api',
  'admin',
  'router',
  'registry',
  'controller',
  'localhost',
  'git',
  'dashboard',
]);

/** Throws APP_NAME_INVALID unless `name` is a valid app name, which is also a host name label (RFC 1123). */
export function checkAppName(name: string): string {
  const why = whyInvalid(name);
  if (why) throw fail('APP_NAME_INVALID', { name: printable(name), why });
  return name;
}

function whyInvalid(name: string): string | undefined {
  if (name.length < 2) return 'it is too short';
  if (name.length > 30) return `it is ${name.length} characters long`;
  if (RESERVED.has(name)) return 'the name is reserved';
  if (!FORM.test(name)) return 'it contains characters that are not allowed, or a misplaced dash';
  return undefined;
}

/** Replaces control characters, which could rewrite a terminal's line. */
export function printable(text: string, limit = 80): string {
  const clean = text.slice(0, limit).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return text.length > limit ? `${clean}…` : clean;
}
