import { parse } from 'yaml';
import { isProcessType, parseProcfile } from '../apps/procfile.ts';
import { fail } from '../errors/index.ts';

/** Commands by process type: the Procfile's, and of `bin/release` those that the Procfile leaves open. */
export function processTypes(procfile: string | undefined, release: string | undefined): Record<string, string> {
  return { ...defaultProcessTypes(release ?? ''), ...(procfile === undefined ? {} : parseProcfile(procfile)) };
}

/** `default_process_types` of the YAML that a buildpack's `bin/release` prints. */
function defaultProcessTypes(release: string): Record<string, string> {
  const types = (releaseOf(release) as { default_process_types?: unknown } | null)?.default_process_types;
  if (types === undefined || types === null) return {};
  const isMapping = typeof types === 'object' && !Array.isArray(types);
  const entries = isMapping ? Object.entries(types as object) : [];
  const sound = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isProcessType(entry[0]));
  if (!isMapping || sound.length !== entries.length) throw invalid('its default_process_types are not commands by name');
  return Object.fromEntries(sound);
}

function releaseOf(release: string): unknown {
  try {
    return parse(release, { maxAliasCount: 0 });
  } catch {
    throw invalid('it is not YAML');
  }
}

function invalid(why: string): Error {
  return fail('BUILD_FAILED', { what: `the buildpack's bin/release printed something else than it should: ${why}`, lines: [] });
}
