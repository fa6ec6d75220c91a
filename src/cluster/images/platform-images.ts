import { SUITE } from './base-image.ts';
import { imageRecipe, type ContextFile, type ImageRecipe } from './image-recipe.ts';
import { HEROKU_STACK, STACK } from '../setup/options.ts';
import type { PackageFiles } from './package-files.ts';

/** In build order: the longest chain of images starts first. */
export interface PlatformImages {
  readonly base: ImageRecipe;
  readonly stackRun: ImageRecipe;
  readonly stackBuild: ImageRecipe;
  readonly controller: ImageRecipe;
  readonly router: ImageRecipe;
  /** Only for clusters of several nodes. */
  readonly registry?: ImageRecipe;
  /** Only for practice clusters. */
  readonly node?: ImageRecipe;
}

const TEMPLATES = 'templates/images';

/** External images that a stack is based on. */
const UPSTREAM: Readonly<Record<string, { readonly run: string; readonly build: string }>> = {
  [HEROKU_STACK]: { run: 'heroku/heroku:24', build: 'heroku/heroku:24-build' },
};

/** Returns recipes for every image of a cluster. Throws SETUP_NOT_BUILT if this installation is incomplete. */
export async function platformImages(
  files: PackageFiles,
  stack: string,
  mirror?: string,
  wanted: { registry?: boolean; node?: boolean } = {},
): Promise<PlatformImages> {
  const base = imageRecipe({
    name: 'base',
    repository: 'mothership/base',
    files: await files.folder(`${TEMPLATES}/base`),
    buildArgs: { SUITE, ...(mirror ? { MIRROR: mirror } : {}) },
  });
  const on = (parent: ImageRecipe, name: string, context: readonly ContextFile[], from = parent.tag): ImageRecipe =>
    imageRecipe({
      name,
      repository: `mothership/${name}`,
      files: context,
      buildArgs: { BASE: from },
      parent: parent.tag,
    });

  const controllerFiles = [
    ...(await files.folder(`${TEMPLATES}/controller`)),
    ...(await files.folder('dist/controller')),
    ...(await boxFiles(files)),
  ];
  const upstream = UPSTREAM[stack];
  const stackRun = on(base, `${stack}-run`, await runContext(files, stack), upstream?.run);
  return {
    base,
    stackRun,
    stackBuild: on(stackRun, `${stack}-build`, await buildContext(files, stack), upstream?.build),
    controller: on(base, 'controller', controllerFiles),
    router: on(base, 'router', await files.folder(`${TEMPLATES}/router`)),
    ...(wanted.registry ? { registry: on(base, 'registry', await files.folder(`${TEMPLATES}/registry`)) } : {}),
    ...(wanted.node ? { node: on(base, 'node', await files.folder(`${TEMPLATES}/node`)) } : {}),
  };
}

/** A node makes the image of this box when it first builds a Dockerfile. */
async function boxFiles(files: PackageFiles): Promise<ContextFile[]> {
  const own = await files.folder(`${TEMPLATES}/dockerfile-box`);
  return own.map((file) => ({ ...file, path: `dockerfile-box/${file.path}` }));
}

/** `launch` is the same on every stack. */
async function runContext(files: PackageFiles, stack: string): Promise<ContextFile[]> {
  const own = await files.folder(`${TEMPLATES}/stack-${stack}/run`);
  return stack === STACK ? own : [...own, ...(await shared(files, 'run'))];
}

/** Files shared with other stacks: everything except how the image is made. */
async function shared(files: PackageFiles, image: 'run' | 'build'): Promise<ContextFile[]> {
  return (await files.folder(`${TEMPLATES}/stack-${STACK}/${image}`)).filter(({ path }) => path !== 'Dockerfile');
}

/** The build image includes the bundled buildpacks. */
async function buildContext(files: PackageFiles, stack: string): Promise<ContextFile[]> {
  const own = await files.folder(`${TEMPLATES}/stack-${stack}/build`);
  if (stack !== STACK) return [...own, ...(await shared(files, 'build')), ...(await shared(files, 'run'))];
  const buildpacks = await files.folder('buildpacks');
  return [...own, ...buildpacks.map((file) => ({ ...file, path: `buildpacks/${file.path}` }))];
}
