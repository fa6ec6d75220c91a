/**
 * Throughput, latency and processor time of the router beside a hand-tuned static nginx and a variable `proxy_pass`,
 * on loopback, one worker each, in interleaved rounds. Prints a table and writes bench-results/router.json.
 * Usage: npx tsx bench/router.ts [--rounds 5] [--seconds 5] [--bytes 64]
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HOST_SOCKET, dockerArgv, hostDocker, must, run } from '../test/lab/command.ts';
import { FakeController } from '../test/router/real/fake-controller.ts';
import { RealRouter } from '../test/router/real/real-router.ts';
import { release, to } from '../test/router/real/rig.ts';
import { routerImage } from '../test/router/real/router-image.ts';
import { closedPort } from '../test/router/real/test-app.ts';
import { fastApp, staticUpstream, variableProxyPass } from './router-rivals.ts';

const HOST = 'app-7.bench.test';
const TICKS_PER_SECOND = 100;

interface Sample {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the proxy's worker for a request, in microseconds. */
  readonly cpu: number;
  readonly failed: number;
}

interface Rival {
  readonly name: string;
  readonly port: number;
  readonly container: string;
  readonly samples: Sample[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    bytes: { type: 'string', default: '64' },
  },
});

class Bench {
  readonly #containers: string[] = [];
  readonly #folder: string;
  readonly #controller = new FakeController();
  #router: RealRouter | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), 'mothership-bench-')));
  }

  async rivals(bytes: number): Promise<Rival[]> {
    const appPort = await closedPort();
    await this.#nginx('app', fastApp(appPort, bytes));
    const [staticPort, variablePort] = [await closedPort(), await closedPort()];
    return [
      rival('static', staticPort, await this.#nginx('static', staticUpstream(staticPort, appPort))),
      await this.#ours(appPort),
      rival('variable', variablePort, await this.#nginx('variable', variableProxyPass(variablePort, appPort))),
    ];
  }

  async stop(): Promise<void> {
    await this.#router?.stop();
    await this.#controller.stop();
    for (const container of this.#containers) await run(dockerArgv(HOST_SOCKET, ['rm', '-f', '-v', container]));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Behind a table of 100 apps, as on a cluster in use. */
  async #ours(appPort: number): Promise<Rival> {
    await this.#controller.start();
    this.#router = await RealRouter.start(this.#controller, { MOTHERSHIP_ROUTER_WORKERS: '1' }, [
      '--log-driver',
      'none',
      '--no-healthcheck',
    ]);
    const app = { peer: { host: '127.0.0.1', port: appPort } };
    await this.#controller.route(
      Array.from({ length: 100 }, (_, i) => to(`app-${i}.bench.test`, [release(`app-${i}-1`, [app])])),
    );
    return rival('mothership', this.#router.port, this.#router.container);
  }

  async #nginx(name: string, config: string): Promise<string> {
    const file = join(this.#folder, `${name}.conf`);
    await writeFile(file, config, { mode: 0o644 });
    const container = `mothership-bench-${process.pid}-${name}`;
    this.#containers.push(container);
    const mount = ['-v', `${file}:/bench.conf:ro`, '--entrypoint', 'nginx', '--log-driver', 'none', '--no-healthcheck'];
    await hostDocker([
      'run',
      '-d',
      '--name',
      container,
      '--network',
      'host',
      ...mount,
      await routerImage(),
      '-c',
      '/bench.conf',
    ]);
    return container;
  }
}

function rival(name: string, port: number, container: string): Rival {
  return { name, port, container, samples: [] };
}

async function workerSeconds(container: string): Promise<number> {
  const top = await hostDocker(['top', container, '-eo', 'pid,args']);
  const pids = [...top.matchAll(/^\s*(\d+)\s+nginx: worker/gm)].map((match) => match[1]);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8')));
  const ticks = stats.map((stat) =>
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .reduce((sum, value) => sum + Number(value), 0),
  );
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
}

async function measure(rival: Rival, seconds: number): Promise<Sample> {
  const before = await workerSeconds(rival.container);
  const url = `http://127.0.0.1:${rival.port}/`;
  const output = await must(['wrk', '-t1', '-c50', `-d${seconds}s`, '--latency', '-H', `Host: ${HOST}`, url]);
  const used = (await workerSeconds(rival.container)) - before;
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50: milliseconds(/\s50%\s+(\S+)/.exec(output)?.[1]),
    p99: milliseconds(/\s99%\s+(\S+)/.exec(output)?.[1]),
    cpu: (used / number(/(\d+) requests in/)) * 1e6,
    failed: number(/Non-2xx or 3xx responses: (\d+)/),
  };
}

function milliseconds(text = '0ms'): number {
  const unit = { us: 0.001, ms: 1, s: 1000 }[text.replace(/[\d.]/g, '')] ?? 1;
  return parseFloat(text) * unit;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Medians; ratios are taken within a round, since a busy machine is busy for all rivals of a round alike. */
function summarize(rivals: readonly Rival[]) {
  return rivals.map((rival) => {
    const of = (key: keyof Sample): number => median(rival.samples.map((sample) => sample[key]));
    const ratio = (key: keyof Sample): number =>
      median(rival.samples.map((sample, round) => sample[key] / (rivals[0]?.samples[round]?.[key] ?? NaN)));
    return {
      name: rival.name,
      requestsPerSecond: Math.round(of('requestsPerSecond')),
      p50: of('p50'),
      p99: of('p99'),
      cpu: of('cpu'),
      leastCpu: Math.min(...rival.samples.map((sample) => sample.cpu)),
      failed: rival.samples.reduce((sum, sample) => sum + sample.failed, 0),
      throughputRatio: ratio('requestsPerSecond'),
      p99Ratio: ratio('p99'),
      cpuRatio: ratio('cpu'),
    };
  });
}

const bench = await Bench.create();
try {
  const rivals = await bench.rivals(Number(values.bytes));
  for (const rival of rivals) await measure(rival, 1);
  for (let round = 0; round < Number(values.rounds); round++) {
    // Turned each round, so that none is always measured after the same neighbour.
    const order = [...rivals.slice(round % rivals.length), ...rivals.slice(0, round % rivals.length)];
    for (const rival of order) rival.samples.push(await measure(rival, Number(values.seconds)));
  }
  const rows = summarize(rivals);
  const rounded = (row: Record<string, number>) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Number(value.toFixed(2))]));
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, rounded(row)])));
  await mkdir('bench-results', { recursive: true });
  await writeFile(
    'bench-results/router.json',
    `${JSON.stringify({ bytes: Number(values.bytes), load: loadavg(), rows, samples: rivals.map(({ name, samples }) => ({ name, samples })) }, null, 2)}\n`,
  );
} finally {
  await bench.stop();
}
