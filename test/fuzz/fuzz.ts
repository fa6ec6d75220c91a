import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { buildController } from '../../src/controller/app.ts';
import { buildWorker } from '../builds/build-worker.ts';
import { alice, authorization, PACE } from '../controller/controller.ts';
import { giveTokens } from '../controller/tokens.ts';
import { World } from '../platform/world.ts';
import { threadCpu } from '../thread-cpu.ts';
import { hostileInput, type HostileInput } from './hostile-inputs.ts';

const HELD_MS = 50;
const GROWTH_MB = 150;
/** Not counted: code that runs for the first time is compiled. */
const WARM_UP = 20;

/** Sends inputs `from` to `to` to a controller and expects it to stay free, small and alive. */
export async function fuzz(from: number, to: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mothership-fuzz-'));
  const world = await World.create();
  await world.stop();
  world.sourceWorker = await buildWorker(folder);
  await world.boot();
  const faults: string[] = [];
  const controller = new Target(world);
  try {
    await controller.furnish();
    let base = 0;
    for (let n = from; n < to; n += 1) {
      const input = await hostileInput(n);
      const watch = new LoopWatch();
      const answer = await controller.send(input);
      const held = watch.stop();
      if (n - from < WARM_UP) base = memoryMb();
      else if (held > HELD_MS) faults.push(`${input.what}: held the event loop for ${Math.round(held)} ms`);
      if (answer.includes('INTERNAL')) faults.push(`${input.what}: ${answer}`);
      // The test's own inputs and its fake engine leave garbage, too.
      if (memoryMb() - base > GROWTH_MB) collectGarbage();
      if (memoryMb() - base > GROWTH_MB) faults.push(`${input.what}: ${memoryMb() - base} MB more`);
    }
  } finally {
    await controller.close();
    await rm(folder, { recursive: true });
  }
  expect(faults).to.deep.equal([]);
}

class Target {
  readonly #world: World;
  readonly #app: ReturnType<typeof buildController>;

  constructor(world: World) {
    this.#world = world;
    const logger = pino({ level: 'silent' });
    this.#app = buildController({ platform: world.platform, version: '1', logger, clock: world.clock });
  }

  async furnish(): Promise<void> {
    for (const image of ['run', 'build']) this.#world.engine.imageStore.add(image);
    await giveTokens(this.#world);
    await this.#pass(this.#world.platform.apps.create({ name: 'shop' }, alice));
    await this.#world.deploy('shop', 'hello:1');
  }

  /** Returns the codes of the answer and of how the operation that it began ended. */
  async send({ method, url, type, payload }: HostileInput): Promise<string> {
    const headers = { ...authorization('member'), 'content-type': type };
    const answer = await this.#pass(this.#app.inject({ method, url, headers, payload }));
    const { code = '', id = '' } = answer.json<{ code?: string; id?: string }>();
    if (answer.statusCode !== 202) return `${answer.statusCode} ${code}`;
    const end = await this.#pass(this.#ended(id));
    return `202 ${end}`;
  }

  async #ended(id: string): Promise<string> {
    for await (const event of this.#world.platform.operations.events(id, 0, new AbortController().signal))
      if (event.type === 'failed') return event.error.code;
    return 'done';
  }

  async close(): Promise<void> {
    await this.#pass(this.#app.close());
    await this.#world.close();
  }

  #pass<T>(promise: Promise<T>): Promise<T> {
    return this.#world.clock.passUntil(promise, { pace: PACE });
  }
}

/** How long the event loop has computed at a time, at most. */
class LoopWatch {
  #last = threadCpu();
  #longest = 0;
  readonly #timer = setInterval(() => this.#look(), 1);

  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#longest;
  }

  #look(): void {
    const now = threadCpu();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }
}

function memoryMb(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
