import { configFrom, formationFrom, parseAppJson, unmet, type AppJson } from './app-json.ts';
import type { AppSetup, BuildInput } from '../build.ts';
import { OFFICIAL_BUILDPACKS, parseBuildpack, type BuildpackReference } from './buildpack-reference.ts';

/** Files of the source that say how it is built by buildpacks. */
export const PLAN_FILES = ['.buildpacks', 'app.json'] as const;

/** What a build by buildpacks does, decided before anything is started. */
export interface BuildPlan {
  /** Empty: the first of the stack's own that detects the app. */
  readonly buildpacks: readonly BuildpackReference[];
  /** The file that names them, when it is not the app's own setting. */
  readonly buildpacksFrom?: string;
  /** For ENV_DIR. */
  readonly config: Readonly<Record<string, string>>;
  /** What app.json says of a new app. */
  readonly setup?: AppSetup;
  /** What app.json asks for in vain. */
  readonly notices: readonly string[];
  /** For a run of tests: what to run instead of the last buildpack's bin/test. */
  readonly testCommand?: string;
}

type Wanted = Pick<BuildInput, 'buildpacks' | 'config' | 'platformEnv' | 'stack' | 'isNew'> & {
  /** With a Dockerfile no buildpack is looked at. */
  readonly byDockerfile?: boolean;
  readonly test?: boolean;
};

/** `secret` makes the value of `"generator": "secret"`. Throws BUILDPACK_INVALID and the APP_JSON_* errors. */
export function planBuild(input: Wanted, texts: ReadonlyMap<string, string>, secret: () => string): BuildPlan {
  const manifest = parseAppJson(texts.get('app.json'));
  const { names, from } = input.byDockerfile
    ? { names: [] }
    : chooseBuildpacks(input, texts.get('.buildpacks'), manifest);
  const official =
    input.config['MOTHERSHIP_BUILDPACKS_URL'] ??
    input.platformEnv?.['MOTHERSHIP_BUILDPACKS_URL'] ??
    OFFICIAL_BUILDPACKS;
  const given = input.isNew || input.test ? configFrom(wantedEnv(manifest, input.test), input.config, secret) : {};
  const testCommand = manifest.environments?.test?.scripts?.test;
  return {
    buildpacks: names.map((name) => parseBuildpack(name, official)),
    ...(from ? { buildpacksFrom: from } : {}),
    config: { ...input.platformEnv, ...given, ...input.config },
    notices: input.isNew ? unmet(manifest, input.stack.name) : [],
    ...(input.isNew ? { setup: setupFrom(manifest, given) } : {}),
    ...(input.test && testCommand ? { testCommand } : {}),
  };
}

type Choice = { readonly names: readonly string[]; readonly from?: string };

/** The app's own setting goes before `.buildpacks`, which goes before app.json; BUILDPACK_URL is Heroku's older way to set one. */
function chooseBuildpacks({ buildpacks, config }: Wanted, file: string | undefined, manifest: AppJson): Choice {
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

function wantedEnv(manifest: AppJson, test: boolean | undefined): NonNullable<AppJson['env']> {
  return { ...manifest.env, ...(test ? manifest.environments?.test?.env : {}) };
}

function setupFrom(manifest: AppJson, config: Readonly<Record<string, string>>): AppSetup {
  const postdeploy = manifest.scripts?.postdeploy;
  return { config, formation: formationFrom(manifest.formation ?? {}), ...(postdeploy ? { postdeploy } : {}) };
}

/** Path of the Dockerfile to build; undefined for buildpacks, which somebody set on the app or which the source leaves it to. */
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
