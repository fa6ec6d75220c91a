/**
 * Visitors of an app, as a process of their own: nothing that a benchmark does beside them delays what they send or hear.
 * Started by `Visitors`; it answers each message `Visit` with a `Visited`.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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

export interface Answered {
  /** When it was sent, in milliseconds since 1970. */
  at: number;
  /** Until all of the answer was there, in milliseconds. */
  took: number;
}

export interface Visited {
  /** All requests but the disturbed ones. */
  requests: Answered[];
  /** Requests during which time was stolen (`StolenTime`): they say nothing of what runs here. */
  disturbed: number;
}

/** What a request counts that failed, in milliseconds. */
const FAILED_MS = 20_000;

export class Visitors {
  readonly #child = fork(fileURLToPath(import.meta.url));
  /**
   * Whether they get a processor before all else, as if they were on a machine of their own: the first, since what a build wrote
   * the kernel takes to disk on the others, and lets nobody in meanwhile.
   */
  readonly first: boolean;

  constructor() {
    const pid = String(this.#child.pid);
    const told = [
      ['chrt', '--all-tasks', '--reset-on-fork', '--fifo', '--pid', '1', pid],
      ['taskset', '--all-tasks', '--cpu-list', '--pid', '0', pid],
    ];
    this.first = told.every(([program, ...argv]) => spawnSync(program!, argv).status === 0);
  }

  async visit(visit: Visit): Promise<Visited> {
    this.#child.send(visit);
    const [visited] = (await once(this.#child, 'message')) as [Visited];
    return visited;
  }

  leave(): void {
    this.#child.kill();
  }
}

/**
 * When somebody took time of a processor that was wanted here, in hundredths of a second: the machine below this one ("steal" of
 * proc_stat(5)), or this machine's first process, which is neither of the node nor of a visitor and goes before both on some
 * (utime and stime of proc_pid_stat(5)).
 */
class StolenTime {
  static readonly #EVERY_MS = 25;
  /** Less than a hundredth is not seen before it is one. */
  static readonly #MARGIN_MS = 50;
  readonly #taken: number[] = [];
  #total = StolenTime.#read();
  readonly #timer = setInterval(() => this.#look(), StolenTime.#EVERY_MS);

  static #read(): number {
    const [first = [], all = []] = ['/proc/1/stat', '/proc/stat'].map((file) =>
      readFileSync(file, 'utf8').split(/\s+/).map(Number),
    );
    return all[8]! + first[13]! + first[14]!;
  }

  #look(): void {
    const total = StolenTime.#read();
    if (total !== this.#total) this.#taken.push(performance.now());
    this.#total = total;
  }

  during(from: number, to: number): boolean {
    return this.#taken.some((at) => at > from - StolenTime.#MARGIN_MS && at < to + StolenTime.#MARGIN_MS);
  }

  end(): void {
    this.#look();
    clearInterval(this.#timer);
  }
}

async function requestAll({ address, host, seconds, rate }: Visit): Promise<Visited> {
  const stolen = new StolenTime();
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const open: Promise<{ sent: number; took: number }>[] = [];
  const began = performance.now();
  for (let n = 0; n < rate * seconds; n += 1) {
    const wait = began + (n * 1000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // From here, not from when it was due: nobody but this process decides when it sends.
    const sent = performance.now();
    open.push(
      new Promise((resolve) => {
        request({ host: address, path: '/', agent, headers: { host } }, (response) => {
          response.resume().once('end', () => resolve({ sent, took: performance.now() - sent }));
        })
          .once('error', () => resolve({ sent, took: FAILED_MS }))
          .end();
      }),
    );
  }
  const all = await Promise.all(open);
  agent.destroy();
  stolen.end();
  const calm = all.filter(({ sent, took }) => took === FAILED_MS || !stolen.during(sent, sent + took));
  return {
    requests: calm.map(({ sent, took }) => ({ at: performance.timeOrigin + sent, took })),
    disturbed: all.length - calm.length,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', (visit: Visit) => void requestAll(visit).then((visited) => process.send?.(visited)));
}
