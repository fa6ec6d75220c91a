import { SUITE } from './base-image.ts';
import { imageRecipe, type ContextFile, type ImageRecipe } from './image-recipe.ts';
import type { PackageFiles } from './package-files.ts';

/** In the order of building: the longest chain of images begins first. */
export interface PlatformImages {
  readonly base: ImageRecipe;
  readonly stackRun: ImageRecipe;
  readonly stackBuild: ImageRecipe;
  readonly controller: ImageRecipe;
  readonly router: ImageRecipe;
  /** Of clusters of many nodes only. */
  readonly registry?: ImageRecipe;
  /** A machine made of a container, of practice clusters only. */
  readonly node?: ImageRecipe;
}

const TEMPLATES = 'templates/images';

/** Recipes of every image that a cluster needs. Throws SETUP_NOT_BUILT when this installation is not whole. */
export async function platformImages(files: PackageFiles, stack: string, mirror?: string, wanted: { registry?: boolean; node?: boolean } = {}): Promise<PlatformImages> {
  const base = imageRecipe({
    name: 'base',
    repository: 'mothership/base',
    files: await files.folder(`${TEMPLATES}/base`),
    buildArgs: { SUITE, ...(mirror ? { MIRROR: mirror } : {}) },
  });
  const on = (parent: ImageRecipe, name: string, context: readonly ContextFile[]): ImageRecipe =>
    imageRecipe({ name, repository: `mothership/${name}`, files: context, buildArgs: { BASE: parent.tag }, parent: parent.tag });

  const controllerFiles = [...await files.folder(`${TEMPLATES}/controller`), ...await files.folder('dist/controller')];
  const stackRun = on(base, `${stack}-run`, await files.folder(`${TEMPLATES}/stack-${stack}/run`));
  return {
    base,
    stackRun,
    stackBuild: on(stackRun, `${stack}-build`, await buildContext(files, stack)),
    controller: on(base, 'controller', controllerFiles),
    router: on(base, 'router', await files.folder(`${TEMPLATES}/router`)),
    ...(wanted.registry ? { registry: on(base, 'registry', await files.folder(`${TEMPLATES}/registry`)) } : {}),
    ...(wanted.node ? { node: on(base, 'node', await files.folder(`${TEMPLATES}/node`)) } : {}),
  };
}

/** The build image carries the bundled buildpacks, and `semver` to read the versions that apps ask for. */
async function buildContext(files: PackageFiles, stack: string): Promise<ContextFile[]> {
  return [
    ...await files.folder(`${TEMPLATES}/stack-${stack}/build`),
    ...below('buildpacks', await files.folder('buildpacks')),
    ...below('semver', await files.folder('node_modules/semver')),
  ];
}

function below(folder: string, files: readonly ContextFile[]): ContextFile[] {
  return files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
}
