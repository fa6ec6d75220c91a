import { parse } from 'yaml';
import { shellQuote } from '#values/shell.ts';
import { isProcessType, parseProcfile } from '#apps/procfile.ts';
import { fail } from '#errors';

const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The supported output of a buildpack's `bin/release`. */
export interface BuildpackRelease {
  readonly defaultProcessTypes: Readonly<Record<string, string>>;
  /** Defaults for config vars, as buildpacks provided them before `.profile.d`. */
  readonly configVars: Readonly<Record<string, string>>;
  readonly addons: readonly string[];
}

/** Commands by process type: the Procfile's, then those of `bin/release` that it does not define. */
export function processTypes(procfile: string | undefined, release: BuildpackRelease): Record<string, string> {
  return { ...release.defaultProcessTypes, ...parseProcfile(procfile ?? '') };
}

/** Lines of a build's output, in Heroku's words: the Procfile's types and those that the build adds by default. */
export function discoveredTypes(declared: readonly string[], all: readonly string[]): string[] {
  const added = all.filter((type) => !declared.includes(type));
  return [
    '-----> Discovering process types',
    `       Procfile declares types -> ${declared.join(', ') || '(none)'}`,
    ...(added.length > 0 ? [`       Default types -> ${added.join(', ')}`] : []),
  ];
}

/** Parses the YAML printed by a buildpack's `bin/release`. Throws BUILD_FAILED. */
export function parseRelease(printed: string | undefined): BuildpackRelease {
  const release = (yamlOf(printed ?? '') ?? {}) as Record<string, unknown>;
  const { addons } = release;
  return {
    defaultProcessTypes: stringsOf(release, 'default_process_types', isProcessType, text),
    configVars: stringsOf(release, 'config_vars', (key) => CONFIG_KEY.test(key), scalar),
    addons: Array.isArray(addons) ? addons.flatMap((name) => text(name) ?? []) : [],
  };
}

/** Returns a `.profile.d` script that sets unset config vars to their defaults; undefined if there are none. */
export function defaultsScript(vars: BuildpackRelease['configVars']): string | undefined {
  const lines = Object.entries(vars).map(
    ([key, value]) => `[[ -n \${${key}+set} ]] || export ${key}=${shellQuote(value)}\n`,
  );
  return lines.length > 0 ? lines.join('') : undefined;
}

function stringsOf(
  release: Record<string, unknown>,
  key: string,
  isName: (name: string) => boolean,
  textOf: typeof text,
): Record<string, string> {
  const value = release[key] ?? {};
  const isMapping = typeof value === 'object' && !Array.isArray(value);
  const entries = isMapping
    ? Object.entries(value as object).map(([name, given]) => [name, textOf(given)] as const)
    : [];
  const sound = entries.filter((entry): entry is [string, string] => entry[1] !== undefined && isName(entry[0]));
  if (!isMapping || sound.length !== entries.length) throw invalid(`its ${key} are not strings by name`);
  return Object.fromEntries(sound);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value);
}

function yamlOf(printed: string): unknown {
  try {
    return parse(printed, { maxAliasCount: 0 });
  } catch {
    throw invalid('it is not YAML');
  }
}

function invalid(why: string): Error {
  return fail('BUILD_FAILED', {
    what: `the buildpack's bin/release printed invalid output: ${why}`,
    lines: [],
  });
}
