import { join } from 'node:path';
import { contextTar, imageRecipe, type ContextFile, type ImageRecipe } from '../../src/cluster/images/image-recipe.ts';
import { InstalledFiles } from '../../src/cluster/images/package-files.ts';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { BASE_IMAGE, seedImages, type LabNode } from '../lab/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEMPLATES = 'templates/images/stack-debian-13';

export interface TestStack {
  readonly name: string;
  readonly buildImage: string;
  readonly runImage: string;
}

/** The stack's images in a lab node's engine: made once for as long as their files stay the same. */
export async function stackIn(node: LabNode): Promise<TestStack> {
  const engine = dockerEngine({ socketPath: node.socket });
  await node.loadImage(BASE_IMAGE);
  const recipes = await stackRecipes(BASE_IMAGE);
  const tags = recipes.map(({ tag }) => tag);
  await seedImages(node, tags, tags.join(' '), () => buildAll(engine, recipes));
  return stackOf(recipes);
}

/** The same on any engine that has the base image. */
export async function stackOn(engine: Engine, base: string): Promise<TestStack> {
  const recipes = await stackRecipes(base);
  await buildAll(engine, recipes);
  return stackOf(recipes);
}

async function stackRecipes(base: string): Promise<ImageRecipe[]> {
  const files = new InstalledFiles(ROOT);
  const run = recipe('run', base, await files.folder(`${TEMPLATES}/run`));
  const buildpacks = (await files.folder('buildpacks')).map((file) => ({ ...file, path: `buildpacks/${file.path}` }));
  return [run, recipe('build', run.tag, [...(await files.folder(`${TEMPLATES}/build`)), ...buildpacks])];
}

function recipe(name: string, base: string, files: readonly ContextFile[]): ImageRecipe {
  return imageRecipe({ name, repository: `mothership-test/stack-${name}`, files, buildArgs: { BASE: base } });
}

async function buildAll(engine: Engine, recipes: readonly ImageRecipe[]): Promise<void> {
  for (const { tag, files, buildArgs } of recipes) {
    if (!(await engine.image(tag))) await engine.buildImage(contextTar(files), { tag, buildArgs }, () => undefined);
  }
}

function stackOf([run, build]: readonly ImageRecipe[]): TestStack {
  return { name: 'debian-13', runImage: run?.tag ?? '', buildImage: build?.tag ?? '' };
}
