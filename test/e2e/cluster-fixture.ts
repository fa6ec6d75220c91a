import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstalledFiles, type ImageRecipe } from '../../src/cluster/index.ts';
import { STACK } from '../../src/cluster/options.ts';
import { platformImages } from '../../src/cluster/platform-images.ts';
import { cacheImages, cleanup, cleanupStale, findNode, loadCachedImages, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { Cluster } from './cluster.ts';
import { install } from './installation.ts';
import { Loopback } from './loopback.ts';

/**
 * MOTHERSHIP_E2E_KEEP=NAME: the cluster stays for the next run, which only updates what changed. For work on the tests
 * themselves; `npx tsx test/lab/cli.ts down NAME` ends it.
 */
const kept = process.env['MOTHERSHIP_E2E_KEEP'];
const made: { runId: string; loopback: Loopback }[] = [];
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
  return machine;
}

/** A node and an installation, with no cluster on it yet. */
export async function prepare(name: string, keep?: string): Promise<Cluster> {
  if (!keep) await cleanupStale();
  const runId = keep ? `cli-${keep}` : newRunId();
  const node = (await findNode(runId, name)) ?? (await startNode({ name, runId, owned: !keep }));
  const home = join(node.directory, 'home');
  await mkdir(home, { recursive: true });
  const installation = await install(join(node.directory, 'mothership'));
  const loopback = await Loopback.listen(await portOf(home));
  loopback.forward(node.ip);
  made.push({ runId, loopback });
  return new Cluster({ node, installation, home, port: loopback.port });
}

/** `mothership setup`, after the engine was given what can be had without building. */
export async function setup(machine: Cluster, flags: readonly string[] = []): Promise<string> {
  const images = await imageSets(machine.installation);
  for (const set of images) if (!(await holds(machine.node, set))) await loadCachedImages(machine.node.socket, keyOf(set));
  const held = await Promise.all(images.map((set) => isCached(machine.node, set)));
  const port = String(machine.port);
  const own = ['--provider', 'local', '--yes', '--domain', 'localhost', '--address', machine.node.ip, '--http-port', port, '--https-port', String(machine.port + 1)];
  const printed = await machine.ok(['setup', ...own, ...flags]);
  for (const [index, set] of images.entries()) if (!held[index]) await cacheImages(machine.node.socket, set, keyOf(set));
  return printed;
}

/** Images that share layers belong together; the controller's changes with every change of the source. */
async function imageSets(installation: string): Promise<string[][]> {
  const { base, stackRun, stackBuild, controller, router } = await platformImages(new InstalledFiles(installation), STACK);
  const tags = (...recipes: ImageRecipe[]): string[] => recipes.map(({ tag }) => tag);
  return [tags(base, stackRun, stackBuild), tags(router), tags(controller)];
}

const keyOf = (tags: readonly string[]): string => `platform ${tags.join(' ')}`;

async function holds(node: LabNode, tags: readonly string[]): Promise<boolean> {
  const images = await node.docker(['images', '--format', '{{.Repository}}:{{.Tag}}']);
  return tags.every((tag) => images.split('\n').includes(tag));
}

/** What the engine held before setup came from the cache, or from a run that put it there. */
const isCached = holds;

/** The port is part of the cluster's URLs: a cluster that is kept keeps it. */
async function portOf(home: string): Promise<number> {
  const file = join(home, 'port');
  if (await access(file).then(() => true, () => false)) return Number(await readFile(file, 'utf8'));
  const probe = await Loopback.listen();
  const { port } = probe;
  probe.close();
  await writeFile(file, String(port));
  return port;
}

/** Every file of the suite imports this one: what was made is removed after the last test. */
if (typeof after === 'function') {
  after(async function () {
    this.timeout(120_000);
    for (const { runId, loopback } of made) {
      loopback.close();
      if (!kept || runId !== `cli-${kept}`) await cleanup(runId);
    }
  });
}
