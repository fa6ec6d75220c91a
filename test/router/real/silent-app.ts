import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Listens, and then does nothing ever again: the kernel takes what fits in the queue and drops all other attempts to connect. */
const PROGRAM = `
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, server.address().port + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
const QUEUE = 4;

/** An address at which connections neither succeed nor fail, on loopback. */
export class SilentApp {
  #process: ChildProcess | undefined;
  #queued: Socket[] = [];
  #port = 0;

  get peer(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.#port };
  }

  async start(): Promise<this> {
    this.#process = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(this.#process.stdout!, 'data')) as [Buffer];
    this.#port = Number(line.toString());
    this.#queued = Array.from({ length: QUEUE }, () => connect(this.#port, '127.0.0.1').on('error', () => undefined));
    // Those that fit are connected at once.
    await Promise.race(this.#queued.map((socket) => once(socket, 'connect')));
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#queued) socket.destroy();
    this.#process?.kill('SIGKILL');
    if (this.#process && this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit');
  }
}
