import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { cleanup, cleanupAll, cleanupStale, listNodes } from './cleanup.js';
import { HOST_SOCKET, dockerArgv } from './command.js';
import { initSwarm, joinSwarm } from './cluster.js';
import { ensureHostEngine, stopHostEngine } from './host-engine.js';
import type { LabNode } from './node.js';
import { findNode, startNode } from './start-node.js';

const USAGE = `Private Docker engines for tests.
  up NAME [--nodes N]      a machine with an engine; with --nodes a Swarm of NAME, NAME-2, ... NAME-N
  up NAME --machine        a fresh machine: systemd, SSH, Node, npm, git; no Docker
  exec NAME -- argv        runs a command in it (the standard streams are passed on)
  load NAME IMAGE          gives its engine an image of the host's engine
  ls                       all lab machines
  down NAME                removes it (and the other nodes of its Swarm)
  start-engine             installs and starts the host's engine if none answers
  stop-engine              stops the host's engine if the lab started it and nothing needs it
  down --stale             removes what interrupted tests left
  down --all               removes everything of the lab, other people's too`;

const runIdOf = (name: string): string => `cli-${name}`;

/** A node NAME-2 belongs to the run of NAME, if there is one. */
async function locate(name: string): Promise<LabNode> {
  const entry = (await listNodes()).find((each) => each.name === name && each.runId.startsWith('cli-'));
  const node = entry && (await findNode(entry.runId, name));
  if (!node) throw new Error(`no lab machine is called ${name}`);
  return node;
}

function print(node: LabNode, prefix: string): void {
  process.stdout.write(`export ${prefix}NODE_IP=${node.ip}\n`);
  if (node.hasEngine) process.stdout.write(`export ${prefix}DOCKER_HOST=${node.dockerHost}\n`);
}

async function boot(name: string, runId: string, machine: boolean): Promise<LabNode> {
  const found = await findNode(runId, name);
  if (found) return found;
  return startNode({ name, runId, owned: false, kind: machine ? 'machine' : 'node' });
}

async function up(name: string, count: number, machine: boolean): Promise<void> {
  const runId = runIdOf(name);
  const first = await boot(name, runId, machine);
  print(first, '');
  if (count > 0) await initSwarm(first);
  for (let index = 2; index <= count; index += 1) {
    const node = await boot(`${name}-${index}`, runId, machine);
    await joinSwarm(first, node);
    print(node, `LAB${index}_`);
  }
}

/** The standard streams are this process's own, so that output appears at once and input can be piped. */
async function exec(name: string, argv: readonly string[]): Promise<void> {
  const { container } = await locate(name);
  const [file, ...args] = dockerArgv(HOST_SOCKET, ['exec', '-i', container, ...argv]);
  const result = await execa(file!, args, { stdio: 'inherit', reject: false });
  process.exitCode = result.exitCode ?? 1;
}

async function list(): Promise<void> {
  for (const entry of await listNodes()) {
    process.stdout.write(`${entry.name}\t${entry.runId}\t${entry.status}\n`);
  }
}

async function down(name: string | undefined, all: boolean, stale: boolean): Promise<void> {
  if (all) await cleanupAll();
  else if (stale) process.stdout.write(`${(await cleanupStale()).join('\n')}\n`);
  else if (name) await cleanup(runIdOf(name));
  else throw new Error(USAGE);
}

async function main(args: string[]): Promise<void> {
  const split = args.indexOf('--');
  const { values, positionals } = parseArgs({
    args: split < 0 ? args : args.slice(0, split),
    allowPositionals: true,
    options: {
      machine: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      stale: { type: 'boolean', default: false },
      nodes: { type: 'string', default: '0' },
    },
  });
  const [command, name, image] = positionals;
  if (command === 'ls') return list();
  if (command === 'down') return down(name, values.all, values.stale);
  if (command === 'start-engine') return ensureHostEngine();
  if (command === 'stop-engine') return void (await stopHostEngine());
  if (!name) throw new Error(USAGE);
  if (command === 'up') return up(name, Number(values.nodes), values.machine);
  if (command === 'exec' && split >= 0) return exec(name, args.slice(split + 1));
  if (command === 'load' && image) return (await locate(name)).loadImage(image);
  throw new Error(USAGE);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
