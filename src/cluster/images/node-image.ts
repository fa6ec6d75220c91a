import { ImageBuilds, type ImageBuildsParts } from './image-builds.ts';
import type { ImageRecipe } from './image-recipe.ts';
import { STACK } from '../setup/options.ts';
import type { PackageFiles } from './package-files.ts';
import { platformImages } from './platform-images.ts';

interface NodeImageParts extends ImageBuildsParts {
  readonly files: PackageFiles;
}

/** Ensures that the engine has the image of practice nodes and its base; returns its tag. */
export async function nodeImage(parts: NodeImageParts): Promise<string> {
  const { base, node } = await platformImages(parts.files, STACK, parts.mirror, { node: true });
  const missing: ImageRecipe[] = [];
  for (const recipe of [base, node!]) if (!(await parts.engine.image(recipe.tag))) missing.push(recipe);
  // The base is only needed to build.
  if (missing.includes(node!)) await new ImageBuilds(parts, missing).run();
  return node!.tag;
}
