import { KIND, label } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import { connect, type Socket } from 'node:net';
import { MiB } from '#values/size.ts';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fail } from '#errors';
import type { FoundProcess } from '../processes.ts';
import type { RunSession } from './run-session.ts';

interface ForwardRequest {
  readonly process: FoundProcess;
  readonly port: number;
  /** The process's address on a network shared with the controller. */
  readonly address: string | undefined;
  /** An image with Node.js that is on every node: the controller's. */
  readonly image: string;
  readonly app: string;
}

const DIRECT_MS = 1_000;
/** Connects stdin and stdout to a port, including half-closed connections. */
const JOIN = `const address = { host: 'localhost', port: Number(process.argv[1]) };
const socket = require('node:net').connect({ ...address, allowHalfOpen: true });
socket.on('error', (error) => { console.error(error.code || error.message); process.exit(1); });
socket.on('end', () => process.stdout.write('', () => process.exit(0)));
process.stdin.pipe(socket);
socket.pipe(process.stdout);`;

/**
 * Connects to a port of a process: directly, or through a small container in its network namespace if it listens only
 * on localhost or on a network without the controller.
 */
export async function forward(request: ForwardRequest): Promise<RunSession> {
  const socket = request.address === undefined ? undefined : await reach(request.address, request.port);
  return socket ? direct(socket) : throughContainer(request);
}

function reach(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const settle = (reached: boolean): void => {
      socket.setTimeout(0).off('connect', connected).off('timeout', failed).off('error', failed);
      if (!reached) socket.on('error', () => undefined).destroy();
      resolve(reached ? socket : undefined);
    };
    const connected = (): void => settle(true);
    const failed = (): void => settle(false);
    socket.setTimeout(DIRECT_MS).once('connect', connected).once('timeout', failed).once('error', failed);
  });
}

/** A session without a terminal. */
function session(streams: Pick<RunSession, 'input' | 'stdout' | 'exited' | 'hangUp'>): RunSession {
  return { tty: false, stderr: Readable.from([]), resize: async () => undefined, ...streams };
}

function direct(socket: Socket): RunSession {
  const exited = new Promise<number>((resolve) => {
    socket.once('end', () => resolve(0)).once('close', () => resolve(0));
  });
  socket.on('error', () => socket.destroy());
  return session({ input: socket, stdout: socket, exited, hangUp: async () => void socket.destroy() });
}

async function throughContainer({ process, port, image, app }: ForwardRequest): Promise<RunSession> {
  const { engine, container, name } = process;
  const joining = await engine.createContainer({
    name: newContainerName(KIND.forward),
    image,
    labels: { [label.kind]: KIND.forward, [label.app]: app },
    entrypoint: ['node', '-e', JOIN],
    command: [String(port)],
    env: {},
    networks: [{ id: `container:${container}` }],
    openStdin: true,
    capDrop: ['ALL'],
    noNewPrivileges: true,
    limits: { memoryBytes: 96 * MiB, pids: 64 },
  });
  const remove = (): Promise<void> => engine.removeContainer(joining).catch(() => undefined);
  try {
    const { stdin, stdout, stderr } = await engine.attachContainer(joining, { tty: false, stdin: true });
    await engine.startContainer(joining);
    const words = text(stderr);
    const exited = engine
      .waitContainer(joining)
      .then(async (code) => {
        if (code === 0) return code;
        throw fail('FORWARD_FAILED', { port, process: name, why: (await words).trim() || `code ${code}` });
      })
      .finally(remove);
    exited.catch(() => undefined);
    return session({ input: stdin, stdout, exited, hangUp: remove });
  } catch (error) {
    await remove();
    throw error;
  }
}
