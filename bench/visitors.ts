/**
 * Visitors of an app, as a process of their own: nothing that a benchmark does beside them delays what they send or hear.
 * Started by `Visitors`; it answers each message `Visit` with how long each request took, in milliseconds.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

export interface Visit {
  address: string;
  /** The app's host name. */
  host: string;
  seconds: number;
  /** Requests a second, each sent when it is due, whatever became of the ones before. */
  rate: number;
}

/** What a request counts that failed, in milliseconds. */
const FAILED_MS = 20_000;

export class Visitors {
  readonly #child = fork(fileURLToPath(import.meta.url));
  /** Whether they get a processor before all else, as if they were on a machine of their own. */
  readonly first: boolean;

  constructor() {
    this.first = spawnSync('chrt', ['--all-tasks', '--reset-on-fork', '--fifo', '--pid', '1', String(this.#child.pid)]).status === 0;
  }

  async visit(visit: Visit): Promise<number[]> {
    this.#child.send(visit);
    const [times] = (await once(this.#child, 'message')) as [number[]];
    return times;
  }

  leave(): void {
    this.#child.kill();
  }
}

async function requestAll({ address, host, seconds, rate }: Visit): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const open: Promise<number>[] = [];
  const began = performance.now();
  for (let n = 0; n < rate * seconds; n += 1) {
    const wait = began + (n * 1000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // From here, not from when it was due: nobody but this process decides when it sends.
    const sent = performance.now();
    open.push(new Promise((resolve) => {
      request({ host: address, path: '/', agent, headers: { host } }, (response) => {
        response.resume().once('end', () => resolve(performance.now() - sent));
      }).once('error', () => resolve(FAILED_MS)).end();
    }));
  }
  const times = await Promise.all(open);
  agent.destroy();
  return times;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', (visit: Visit) => void requestAll(visit).then((times) => process.send?.(times)));
}
