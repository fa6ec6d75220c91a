import { fail } from '#errors';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Parses build args, a JSON object of strings. Throws BUILD_ARG_INVALID. */
export function parseBuildArgs(json: string): Record<string, string> {
  const invalid = (why: string): Error => fail('BUILD_ARG_INVALID', { why });
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw invalid('they are not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid('they are not an object');
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]: [string, unknown]) => {
      if (!NAME.test(name)) throw invalid(`"${name.slice(0, 60)}" is not a valid name`);
      if (typeof value !== 'string') throw invalid(`${name} is not a string`);
      return [name, value];
    }),
  );
}
