import { join } from 'node:path';
import { InstalledFiles } from '../../src/cluster/package-files.ts';
import { contextTar, imageRecipe, type ContextFile, type ImageRecipe } from '../../src/cluster/image-recipe.ts';
import type { Engine } from '../../src/engine/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEMPLATES = 'templates/images/stack-debian-13';

export interface TestStack {
  readonly name: string;
  readonly buildImage: string;
  readonly runImage: string;
}

/** The stack's images on an engine that has the base image; built only when their files have changed. */
export async function stackOn(engine: Engine, base: string): Promise<TestStack> {
  const files = new InstalledFiles(ROOT);
  const run = recipe('run', base, await files.folder(`${TEMPLATES}/run`));
  const buildpacks = (await files.folder('buildpacks')).map((file) => ({ ...file, path: `buildpacks/${file.path}` }));
  const build = recipe('build', run.tag, [...await files.folder(`${TEMPLATES}/build`), ...buildpacks]);
  for (const image of [run, build]) await ensure(engine, image);
  return { name: 'debian-13', buildImage: build.tag, runImage: run.tag };
}

function recipe(name: string, base: string, files: readonly ContextFile[]): ImageRecipe {
  return imageRecipe({ name, repository: `mothership-test/stack-${name}`, files, buildArgs: { BASE: base } });
}

async function ensure(engine: Engine, { tag, files, buildArgs }: ImageRecipe): Promise<void> {
  if (await engine.image(tag)) return;
  await engine.buildImage(contextTar(files), { tag, buildArgs }, () => undefined);
}
