import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOST_SOCKET, asRoot, dockerArgv, hostDocker, must, run } from './command.js';
import { debianMirror } from './debian-mirror.js';
import { ensureHostEngine } from './host-engine.js';
import {
  BASE_IMAGE,
  BASE_PACKAGES,
  MACHINE_IMAGE,
  NODE_IMAGE,
  SUITE,
  contentKey,
  copyInto,
  machineRecipe,
  nodeRecipe,
  recipeKey,
} from './image-recipes.js';
import type { Recipe } from './image-recipes.js';
import { BUILD_PREFIX } from './lab-paths.js';
import { withLock } from './lock.js';

/** Label with the recipe's digest. */
const RECIPE_LABEL = 'mothership.lab.recipe';

/** The packages are given as arguments: the script itself never changes. */
const INSTALL_SCRIPT = `set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
script=$1; shift
apt-get -o Acquire::Retries=3 update -q
apt-get -o Acquire::Retries=3 install -yq --no-install-recommends "$@"
apt-get clean; rm -rf /var/lib/apt/lists/* /usr/sbin/policy-rc.d
eval "$script"`;

async function builtWith(tag: string): Promise<string> {
  const format = `{{index .Config.Labels "${RECIPE_LABEL}"}}`;
  return (await run(dockerArgv(HOST_SOCKET, ['image', 'inspect', '-f', format, tag]))).stdout.trim();
}

async function bootstrapBase(mirror: string, key: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mothership-lab-base-'));
  try {
    const tar = join(folder, 'base.tar');
    const include = `--include=${BASE_PACKAGES.join(',')}`;
    await must(asRoot(['mmdebstrap', '--variant=minbase', include, SUITE, tar, mirror]));
    const label = ['--change', `LABEL ${RECIPE_LABEL}=${key}`];
    await hostDocker(['import', ...label, '--change', 'CMD ["/bin/sh"]', tar, BASE_IMAGE]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Minimal Debian 13: the parent of both lab images, and handy for a test which needs any small image. */
export async function ensureBaseImage(): Promise<string> {
  const mirror = await debianMirror();
  const key = contentKey('base', SUITE, mirror, ...BASE_PACKAGES);
  if ((await builtWith(BASE_IMAGE)) !== key) await bootstrapBase(mirror, key);
  return key;
}

async function commit(container: string, recipe: Recipe, key: string): Promise<void> {
  const env = Object.entries(recipe.env).flatMap(([name, value]) => ['--change', `ENV ${name}=${value}`]);
  const changes = ['--change', `LABEL ${RECIPE_LABEL}=${key}`, '--change', 'CMD ["/bin/sh"]', ...env];
  await hostDocker(['commit', ...changes, container, recipe.tag]);
}

async function buildOnBase(recipe: Recipe, key: string): Promise<void> {
  const container = `${BUILD_PREFIX}${process.pid}`;
  try {
    const shell = ['sh', '-c', INSTALL_SCRIPT, 'sh', recipe.script, ...recipe.packages];
    const noninteractive = ['-e', 'DEBIAN_FRONTEND=noninteractive'];
    await hostDocker(['run', '--name', container, ...noninteractive, BASE_IMAGE, ...shell]);
    await copyInto(dockerArgv(HOST_SOCKET, []), container, recipe);
    await commit(container, recipe, key);
  } finally {
    await run(dockerArgv(HOST_SOCKET, ['rm', '-f', '-v', container]));
  }
}

/** The image of an older recipe goes, unless a node still runs on it. */
async function replaceImage(recipe: Recipe, key: string): Promise<void> {
  const old = await run(dockerArgv(HOST_SOCKET, ['image', 'inspect', '-f', '{{.Id}}', recipe.tag]));
  await buildOnBase(recipe, key);
  if (old.code === 0) await run(dockerArgv(HOST_SOCKET, ['rmi', old.stdout.trim()]));
}

async function ensureImage(makeRecipe: () => Recipe | Promise<Recipe>): Promise<string> {
  await ensureHostEngine();
  return withLock('images', async () => {
    const parent = await ensureBaseImage();
    const recipe = await makeRecipe();
    const key = await recipeKey(recipe, parent);
    if ((await builtWith(recipe.tag)) !== key) await replaceImage(recipe, key);
    return recipe.tag;
  });
}

/** Builds the Swarm node's image unless the host has it; returns its tag. */
export async function ensureNodeImage(): Promise<string> {
  return ensureImage(nodeRecipe);
}

/** Builds the fresh machine's image unless the host has it; returns its tag. */
export async function ensureMachineImage(): Promise<string> {
  return ensureImage(machineRecipe);
}

/** Builds a lab image by its tag; any other tag must exist on the host engine already. */
export async function ensureLabImage(tag: string): Promise<void> {
  await ensureHostEngine();
  if (tag === NODE_IMAGE) await ensureNodeImage();
  else if (tag === MACHINE_IMAGE) await ensureMachineImage();
  else if (tag === BASE_IMAGE) await withLock('images', ensureBaseImage);
}
