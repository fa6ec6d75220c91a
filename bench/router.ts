/**
 * Throughput, latency and processor time of the router, of a hand-tuned static nginx, of a variable `proxy_pass`, and of
 * Debian's haproxy and Caddy, on loopback, one worker or thread each, in interleaved rounds.
 * Usage: npx tsx bench/router.ts [--rounds 5] [--seconds 5] [--bytes 64]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HOST_SOCKET, dockerArgv, hostDocker, must, run, waitUntil } from '../test/lab/command.ts';
import { BASE_IMAGE, installCommands } from '../test/lab/index.ts';
import { FakeController } from '../test/fixtures/router/fake-controller.ts';
import { RealRouter } from '../test/fixtures/router/real-router.ts';
import { release, to } from '../test/fixtures/router/rig.ts';
import { routerImage } from '../test/fixtures/router/router-image.ts';
import { closedPort } from '../test/fixtures/router/test-app.ts';
import { median, report, rounded, type Row } from './report.ts';
import { caddyfile, fastApp, haproxy, staticUpstream, variableProxyPass } from './router-rivals.ts';

const HOST = 'app-7.bench.test';
const OURS = 'mothership';
/** Compared to the static nginx. */
const THROUGHPUT_BUDGET = 0.85;
const P99_BUDGET = 1.2;
const FILE = '/bench.conf';
const CADDY = ['caddy', 'run', '--adapter', 'caddyfile', '--config', FILE];
const RIVALS_IMAGE = 'mothership-bench/rivals';
const RIVALS_DOCKERFILE = `FROM ${BASE_IMAGE}
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends caddy haproxy
`;
const TICKS_PER_SECOND = 100;

interface Sample {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of the proxy's processor time for a request. */
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
    const nginx = await routerImage();
    await this.#start('app', fastApp(appPort, bytes), nginx, ['nginx', '-c', FILE]);
    await hostDocker(['build', '-q', '-t', RIVALS_IMAGE, '-'], {
      stdin: RIVALS_DOCKERFILE,
      env: { DOCKER_BUILDKIT: '0' },
    });
    return [
      await this.#rival('static nginx', staticUpstream, appPort, nginx, ['nginx', '-c', FILE]),
      await this.#ours(appPort),
      await this.#rival('haproxy', haproxy, appPort, RIVALS_IMAGE, ['haproxy', '-db', '-f', FILE]),
      await this.#rival('caddy', caddyfile, appPort, RIVALS_IMAGE, CADDY),
      await this.#rival('nginx, variable proxy_pass', variableProxyPass, appPort, nginx, ['nginx', '-c', FILE]),
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
    return rival(OURS, this.#router.port, this.#router.container);
  }

  async #rival(
    name: string,
    config: (port: number, appPort: number) => string,
    appPort: number,
    image: string,
    command: readonly string[],
  ): Promise<Rival> {
    const port = await closedPort();
    return rival(name, port, await this.#start(name, config(port, appPort), image, command));
  }

  /** Runs a program on the host's network with its configuration in FILE; answers the container's name. */
  async #start(name: string, config: string, image: string, [program, ...args]: readonly string[]): Promise<string> {
    const container = `mothership-bench-${process.pid}-${name.replace(/\W+/g, '-')}`;
    const file = join(this.#folder, `${container}.conf`);
    await writeFile(file, config, { mode: 0o644 });
    this.#containers.push(container);
    const place = ['--name', container, '--network', 'host', '-v', `${file}:${FILE}:ro`, '-e', 'GOMAXPROCS=1'];
    const options = ['--entrypoint', program!, '--log-driver', 'none', '--no-healthcheck'];
    await hostDocker(['run', '-d', ...place, ...options, image, ...args]);
    return container;
  }
}

function rival(name: string, port: number, container: string): Rival {
  return { name, port, container, samples: [] };
}

/** Processor time of the processes that serve requests. */
async function workerSeconds(container: string): Promise<number> {
  const top = await hostDocker(['top', container, '-eo', 'pid,args']);
  const pids = [...top.matchAll(/^\s*(\d+)\s+(?:nginx: worker|haproxy|caddy)/gm)].map((match) => match[1]);
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

function wrk(port: number, seconds: number): string[] {
  return ['wrk', '-t1', '-c50', `-d${seconds}s`, '--latency', '-H', `Host: ${HOST}`, `http://127.0.0.1:${port}/`];
}

async function measure(rival: Rival, seconds: number): Promise<Sample> {
  const before = await workerSeconds(rival.container);
  const output = await must(wrk(rival.port, seconds));
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

/** Medians; ratios are taken within a round, since a busy machine is busy for all rivals of a round alike. */
function summarize(rivals: readonly Rival[]): Row[] {
  const [base] = rivals;
  return rivals.flatMap(({ name, samples }) => {
    const of = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
    const ratio = (key: keyof Sample): number =>
      median(samples.map((sample, round) => sample[key] / base!.samples[round]![key]));
    const ours = name === OURS;
    const also = {
      'requests/s': Math.round(of('requestsPerSecond')),
      'p50 ms': of('p50'),
      'p99 ms': of('p99'),
      'p99, x': rounded(ratio('p99')),
      'processor µs': rounded(of('cpu')),
      failed: samples.reduce((sum, sample) => sum + sample.failed, 0),
    };
    const throughput: Row = { what: `${name}: throughput`, value: ratio('requestsPerSecond'), unit: 'x', also };
    if (!ours) return [throughput];
    return [
      { ...throughput, budget: THROUGHPUT_BUDGET, atLeast: true },
      { what: `${name}: p99`, value: ratio('p99'), unit: 'x', budget: P99_BUDGET },
    ];
  });
}

const bench = await Bench.create();
try {
  await installCommands([['wrk', 'wrk']]);
  const rivals = await bench.rivals(Number(values.bytes));
  for (const { name, port } of rivals)
    await waitUntil(`${name} to answer`, 30_000, async () => (await run(wrk(port, 1))).code === 0);
  for (let round = 0; round < Number(values.rounds); round++) {
    // Turned each round, so that none is always measured after the same neighbor.
    const order = [...rivals.slice(round % rivals.length), ...rivals.slice(0, round % rivals.length)];
    for (const rival of order) rival.samples.push(await measure(rival, Number(values.seconds)));
  }
  await report('router', summarize(rivals), {
    bytes: Number(values.bytes),
    rivals: rivals.map(({ name, samples }) => ({ name, samples })),
  });
} finally {
  await bench.stop();
}
