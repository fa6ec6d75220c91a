import { configFrom, formationFrom, parseAppJson, unmet, type AppJson } from './app-json.ts';
import type { AppSetup, BuildInput } from '../build.ts';
import { changeConfig } from '#apps/config-vars.ts';
import { fail, isMothershipError } from '#errors';
import { MOST_BUILDPACKS } from './buildpack-list.ts';
import { OFFICIAL_BUILDPACKS, parseBuildpack, type BuildpackReference } from './buildpack-reference.ts';

/** Files that say how to build with buildpacks. */
export const PLAN_FILES = ['.buildpacks', 'app.json'] as const;

/** What a build with buildpacks does, decided before it starts. */
export interface BuildPlan {
  /** Empty: the first of the stack's buildpacks that detects the app. */
  readonly buildpacks: readonly BuildpackReference[];
  /** The file that lists them, unless they are set on the app. */
  readonly buildpacksFrom?: string;
  /** For ENV_DIR. */
  readonly config: Readonly<Record<string, string>>;
  /** app.json's settings for a new app. */
  readonly setup?: AppSetup;
  /** Notices about unsupported settings of app.json. */
  readonly notices: readonly string[];
  /** Test command that replaces the last buildpack's bin/test. */
  readonly testCommand?: string;
}

type PlanInput = Pick<BuildInput, 'buildpacks' | 'config' | 'platformEnv' | 'stack' | 'isNew'> & {
  /** With a Dockerfile, buildpacks are not considered. */
  readonly byDockerfile?: boolean;
  readonly test?: boolean;
};

/**
 * `secret` generates values for `"generator": "secret"`. Throws BUILDPACK_INVALID, BUILDPACKS_TOO_MANY and APP_JSON_*
 * errors.
 */
export function planBuild(input: PlanInput, texts: ReadonlyMap<string, string>, secret: () => string): BuildPlan {
  const manifest = parseAppJson(texts.get('app.json'));
  const given = input.isNew || input.test ? configFrom(wantedEnv(manifest, input.test), input.config, secret) : {};
  checkGiven(given, input.config);
  return {
    ...detectBuildpacks(input, texts.get('.buildpacks'), manifest),
    config: { ...input.platformEnv, ...given, ...input.config },
    ...(input.isNew
      ? { setup: setupFrom(manifest, given), notices: unmet(manifest, input.stack.name) }
      : { notices: [] }),
    ...(input.test ? testCommandOf(manifest) : {}),
  };
}

/** Chooses the buildpacks, and the file that names them. */
function detectBuildpacks(
  input: PlanInput,
  file: string | undefined,
  manifest: AppJson,
): Pick<BuildPlan, 'buildpacks' | 'buildpacksFrom'> {
  if (input.byDockerfile) return { buildpacks: [] };
  const { names, from } = chooseBuildpacks(input, file, manifest);
  if (names.length > MOST_BUILDPACKS) throw fail('BUILDPACKS_TOO_MANY', { limit: MOST_BUILDPACKS });
  const { MOTHERSHIP_BUILDPACKS_URL: official = OFFICIAL_BUILDPACKS } = { ...input.platformEnv, ...input.config };
  const buildpacks = names.map((name) => parseBuildpack(name, official));
  return from ? { buildpacks, buildpacksFrom: from } : { buildpacks };
}

function testCommandOf({ environments }: AppJson): Pick<BuildPlan, 'testCommand'> {
  const testCommand = environments?.test?.scripts?.test;
  return testCommand ? { testCommand } : {};
}

type Choice = { readonly names: readonly string[]; readonly from?: string };

/** Precedence: the app's own setting, BUILDPACK_URL (Heroku's older way), `.buildpacks`, app.json. */
function chooseBuildpacks({ buildpacks, config }: PlanInput, file: string | undefined, manifest: AppJson): Choice {
  if (buildpacks.length > 0) return { names: buildpacks };
  if (config['BUILDPACK_URL']) return { names: [config['BUILDPACK_URL']], from: 'the config var BUILDPACK_URL' };
  const lines = (file ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > 0) return { names: lines, from: '.buildpacks' };
  const named = (manifest.buildpacks ?? []).map(({ url }) => url);
  return named.length > 0 ? { names: named, from: 'app.json' } : { names: [] };
}

/** Throws APP_JSON_INVALID if config:set would refuse them too. */
function checkGiven(given: Readonly<Record<string, string>>, config: BuildInput['config']): void {
  try {
    changeConfig('', config, { set: given });
  } catch (error) {
    if (!isMothershipError(error)) throw error;
    throw fail('APP_JSON_INVALID', { where: 'env', why: `cannot be set: ${error.message.replace(/\.$/, '')}` });
  }
}

function wantedEnv(manifest: AppJson, test: boolean | undefined): NonNullable<AppJson['env']> {
  return { ...manifest.env, ...(test ? manifest.environments?.test?.env : {}) };
}

function setupFrom(manifest: AppJson, config: Readonly<Record<string, string>>): AppSetup {
  const postdeploy = manifest.scripts?.postdeploy;
  return { config, formation: formationFrom(manifest.formation ?? {}), ...(postdeploy ? { postdeploy } : {}) };
}

/** Returns the path of the Dockerfile to build, or undefined to build with buildpacks. */
export function dockerfileOf(
  { kind, dockerfile, buildpacks }: Pick<BuildInput, 'kind' | 'dockerfile' | 'buildpacks'>,
  texts: ReadonlyMap<string, string>,
): string | undefined {
  if (dockerfile) return plainPath(dockerfile);
  const isOwn = kind === 'auto' && buildpacks.length === 0 && texts.has('Dockerfile');
  return kind === 'dockerfile' || isOwn ? 'Dockerfile' : undefined;
}

export function plainPath(path: string): string {
  return path.replace(/^(\.\/+)+/, '');
}
