import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InstalledFiles, type ImageRecipe } from '../../src/cluster/index.ts';
import { STACK } from '../../src/cluster/setup/options.ts';
import { platformImages } from '../../src/cluster/images/platform-images.ts';
import {
  cachedImagesFile,
  cacheImages,
  cleanup,
  cleanupStale,
  findNode,
  loadCachedImages,
  newRunId,
  startNode,
  type LabNode,
} from '../lab/index.ts';
import { Cluster } from './cluster.ts';
import { install } from './installation.ts';

/**
 * MOTHERSHIP_E2E_KEEP=NAME: the cluster stays for the next run, which only updates what changed. For work on the tests
 * themselves; `npx tsx test/lab/cli.ts down NAME` ends it.
 */
const kept = process.env['MOTHERSHIP_E2E_KEEP'];
const runs: string[] = [];
let shared: Promise<Cluster> | undefined;

/** The one cluster that all end-to-end tests share, set up at the first call. */
export function cluster(): Promise<Cluster> {
  shared ??= bringUp(kept ?? 'e2e', kept);
  return shared;
}

/** A cluster on a node of its own: set up with the real command, from images that earlier runs made. */
export async function bringUp(name: string, keep?: string): Promise<Cluster> {
  const machine = await prepare(name, keep);
  await setup(machine);
  if (keep) await removeApps(machine);
  return machine;
}

async function removeApps(machine: Cluster): Promise<void> {
  const apps = await machine.json<{ name: string }[]>(['apps']);
  await Promise.all(apps.map(({ name }) => machine.ok(['apps:destroy', '-a', name, '--confirm', name])));
}

/** A node and an installation, with no cluster on it yet. */
export async function prepare(name: string, keep?: string): Promise<Cluster> {
  if (!keep) await cleanupStale();
  const runId = keep ? `cli-${keep}` : newRunId();
  const node = (await findNode(runId, name)) ?? (await startNode({ name, runId, owned: !keep }));
  const home = join(node.directory, 'home');
  await mkdir(home, { recursive: true });
  const installation = await install(join(node.directory, 'mothership'));
  runs.push(runId);
  return new Cluster({ node, installation, home });
}

/** `mothership setup`, after the engine was given what can be had without building. */
export async function setup(machine: Cluster, flags: readonly string[] = [], domain = 'localhost'): Promise<string> {
  const { node, installation } = machine;
  const made: string[][] = [];
  for (const set of await imageSets(installation)) {
    if (!(await holds(node, set)) && !(await loadCachedImages(node.socket, keyOf(set)))) made.push(set);
  }
  try {
    return await machine.ok([
      'setup',
      '--provider',
      'local',
      '--yes',
      '--domain',
      domain,
      '--address',
      node.ip,
      ...flags,
    ]);
  } finally {
    for (const set of made) if (await holds(node, set)) await cacheImages(node.socket, set, keyOf(set));
  }
}

/** Gives an engine what earlier runs made of the platform's images. */
export async function loadPlatformImages(node: LabNode, installation: string): Promise<void> {
  for (const set of await imageSets(installation))
    if (!(await holds(node, set))) await loadCachedImages(node.socket, keyOf(set));
}

/** Archives of the platform's images for a machine that is no lab node; what is missing is made on a lab node first. */
export async function platformImageFiles(): Promise<string[]> {
  const { installation } = await bringUp('images');
  const files = await Promise.all((await imageSets(installation)).map((set) => cachedImagesFile(keyOf(set))));
  return files.filter((file) => file !== undefined);
}

/** Images that share layers belong together; the controller's changes with every change of the source. */
async function imageSets(installation: string): Promise<string[][]> {
  const { base, stackRun, stackBuild, controller, router } = await platformImages(
    new InstalledFiles(installation),
    STACK,
  );
  const tags = (...recipes: ImageRecipe[]): string[] => recipes.map(({ tag }) => tag);
  return [tags(base, stackRun, stackBuild), tags(router), tags(controller)];
}

const keyOf = (tags: readonly string[]): string => `platform ${tags.join(' ')}`;

async function holds(node: LabNode, tags: readonly string[]): Promise<boolean> {
  const images = await node.docker(['images', '--format', '{{.Repository}}:{{.Tag}}']);
  return tags.every((tag) => images.split('\n').includes(tag));
}

/** Every file of the suite imports this one: what was made is removed after the last test. */
if (typeof after === 'function') {
  after(async function () {
    this.timeout(120_000);
    for (const runId of runs) {
      if (!kept || runId !== `cli-${kept}`) await cleanup(runId);
    }
  });
}
