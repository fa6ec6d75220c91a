import { access, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  InstalledFiles,
  Setup,
  type ClusterAccess,
  type PackageFiles,
  type RunOptions,
  type SetupResult,
} from '../../src/cluster/index.ts';
import { dockerEngine, engineAddress } from '../../src/engine/index.ts';
import { Secret, systemClock, type Event, type Host } from '../../src/events/index.ts';
import { LocalMachine } from '../../src/provision/index.ts';
import { SwarmStore } from '../../src/store/index.ts';
import { platformImages } from '../../src/cluster/images/platform-images.ts';
import { STACK } from '../../src/cluster/setup/options.ts';
import { HOST_SOCKET, dockerArgv, run } from '../lab/command.ts';
import type { LabNode } from '../lab/index.ts';
import { WithStandIn } from './stand-in-controller.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface BringUpOptions extends Partial<RunOptions> {
  /** Take images from the host's engine when it has them, and keep new ones there. */
  readonly cached?: boolean;
  readonly notify?: (event: Event) => void;
  readonly signal?: AbortSignal;
  readonly files?: PackageFiles;
}

export interface BroughtUp extends SetupResult {
  readonly seconds: number;
  readonly access: ClusterAccess | undefined;
}

/** The installation's files; without a built controller, one that only says that it lives. */
export async function packageFiles(): Promise<PackageFiles> {
  const files = new InstalledFiles(ROOT);
  const built = await access(`${ROOT}dist/controller/server.js`).then(
    () => true,
    () => false,
  );
  return built ? files : new WithStandIn(files);
}

/** Runs setup against a lab node's engine, as `mothership setup` does. */
export async function bringUp(node: LabNode, options: BringUpOptions = {}): Promise<BroughtUp> {
  const files = options.files ?? (await packageFiles());
  const tags = Object.values(await platformImages(files, STACK, options.mirror)).map((image) => image.tag);
  if (options.cached) await takeFromHost(node, tags);
  const engine = dockerEngine(engineAddress(node.dockerHost));
  const tokenFile = `${node.directory}/token`;
  const known = await readFile(tokenFile, 'utf8').catch(() => '');
  let kept: ClusterAccess | undefined;
  const host: Host = { notify: options.notify ?? (() => undefined), ask: () => Promise.resolve(true) };
  const setup = new Setup({
    engine,
    store: new SwarmStore(engine),
    machine: new LocalMachine(),
    clock: systemClock,
    host,
    files,
    version: '0.1.0',
    provider: 'local',
    findToken: () => Promise.resolve(known ? new Secret(known) : undefined),
    keepToken: async (given) => {
      kept = given;
      await writeFile(tokenFile, given.token.reveal());
    },
  });
  const start = Date.now();
  const result = await setup.run(
    { yes: true, address: node.ip, ...(await hostCaBundle()), ...options },
    options.signal,
  );
  const token = result.token ?? (known ? new Secret(known) : undefined);
  const seconds = (Date.now() - start) / 1000;
  if (options.cached) await keepOnHost(node, tags);
  return { ...result, token, seconds, access: kept };
}

/** As the command takes it from the environment. */
async function hostCaBundle(): Promise<{ caBundle?: Buffer }> {
  const file = process.env['NODE_EXTRA_CA_CERTS'] || process.env['SSL_CERT_FILE'];
  return file ? { caBundle: await readFile(file) } : {};
}

const holds = async (socket: string, tag: string): Promise<boolean> =>
  (await run(dockerArgv(socket, ['image', 'inspect', '-f', '.', tag]))).code === 0;

async function takeFromHost(node: LabNode, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    if (!(await holds(node.socket, tag)) && (await holds(HOST_SOCKET, tag))) await node.loadImage(tag);
  }
}

async function keepOnHost(node: LabNode, tags: readonly string[]): Promise<void> {
  const { execa } = await import('execa');
  for (const tag of tags) {
    if (await holds(HOST_SOCKET, tag)) continue;
    const [file, ...save] = dockerArgv(node.socket, ['save', tag]);
    const [loader, ...load] = dockerArgv(HOST_SOCKET, ['load']);
    await execa(file!, save, { buffer: false, encoding: 'buffer' }).pipe(loader!, load);
  }
}
