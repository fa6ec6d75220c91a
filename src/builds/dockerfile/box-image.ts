import { KIND, label } from '#labels.ts';
import { contextTar, imageRecipe, type ContextFile, type ImageRecipe } from '#cluster/images/image-recipe.ts';
import { InstalledFiles } from '#cluster/images/package-files.ts';
import type { Images } from '#engine';
import { fail, isMothershipError } from '#errors';

/** The box in which Dockerfiles are built: its image's recipe and its seccomp profile. */
export interface Box {
  readonly recipe: ImageRecipe;
  readonly seccomp: string;
}

const REPOSITORY = 'mothership/dockerfile-box';
const PROFILE = 'seccomp.json';

/** Reads `templates/images/dockerfile-box`. `base`: a stack's build image. Throws SETUP_NOT_BUILT. */
export async function readBox(folder: string, base: string): Promise<Box> {
  const files = await new InstalledFiles(folder).folder('.');
  const profile = files.find(({ path }) => path === PROFILE);
  if (!profile) throw fail('SETUP_NOT_BUILT', { file: PROFILE });
  return { recipe: recipeOf(files, base), seccomp: JSON.stringify(JSON.parse(profile.content.toString('utf8'))) };
}

function recipeOf(files: readonly ContextFile[], base: string): ImageRecipe {
  return imageRecipe({
    name: 'dockerfile-box',
    repository: REPOSITORY,
    files: files.filter(({ path }) => path !== PROFILE),
    buildArgs: { BASE: base },
  });
}

interface BoxImageParts {
  readonly engine: Images;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the box's image on a node that lacks it, which takes half a minute, and removes those of earlier recipes. Setup
 * does not wait for it: many clusters never build a Dockerfile. Throws DOCKERFILE_BOX_FAILED.
 */
export async function ensureBoxImage(
  { tag, files, buildArgs }: ImageRecipe,
  { engine, onLine, signal }: BoxImageParts,
): Promise<void> {
  if (await engine.image(tag)) return;
  onLine('Preparing this node to build Dockerfiles, once');
  const lines: string[] = [];
  const labels = { [label.kind]: KIND.platformImage };
  try {
    await engine.buildImage(contextTar(files), { tag, buildArgs, labels, signal }, (line) => void lines.push(line));
  } catch (error) {
    signal.throwIfAborted();
    if (!isMothershipError(error, 'DOCKERFILE_FAILED')) throw error;
    throw fail('DOCKERFILE_BOX_FAILED', { why: error.message, lines: lines.slice(-15) }, error);
  }
  await removeOthers(engine, tag);
}

/** One that a running build uses is refused, and removed with the next. */
async function removeOthers(engine: Images, tag: string): Promise<void> {
  const images = await engine.images({ [label.kind]: KIND.platformImage });
  const others = images.flatMap(({ tags }) => tags.filter((each) => each.startsWith(`${REPOSITORY}:`) && each !== tag));
  for (const each of others) await engine.removeImage(each).catch(() => undefined);
}
