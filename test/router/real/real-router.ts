import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRouterLine, type RouterLogLine } from '../../../src/router/index.ts';
import { HOST_SOCKET, dockerArgv, hostDocker, run, waitUntil } from '../../lab/command.ts';
import { TOKEN, type FakeController } from './fake-controller.ts';
import { routerImage } from './router-image.ts';
import { closedPort } from './test-app.ts';

export const DOMAIN = 'example.test';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let count = 0;

/** The router's image in a container of the host's network, so that apps and controller are on loopback. */
export class RealRouter {
  readonly port: number;
  readonly #healthPort: number;
  readonly #folder: string;
  readonly container: string;

  private constructor(container: string, folder: string, port: number, healthPort: number) {
    this.container = container;
    this.#folder = folder;
    this.port = port;
    this.#healthPort = healthPort;
  }

  static async start(
    controller: Pick<FakeController, 'port'>,
    env: Record<string, string> = {},
    dockerOptions: readonly string[] = [],
  ): Promise<RealRouter> {
    const image = await routerImage();
    const folder = await mkdtemp(join(tmpdir(), 'mothership-router-'));
    await writeFile(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o644 });
    const [port, healthPort] = [await closedPort(), await closedPort()];
    const settings = {
      MOTHERSHIP_CONTROLLER: `127.0.0.1:${controller.port}`,
      MOTHERSHIP_DOMAIN: DOMAIN,
      MOTHERSHIP_HTTP_PORT: String(port),
      MOTHERSHIP_HEALTH_PORT: String(healthPort),
      MOTHERSHIP_ROUTER_TOKEN_FILE: '/run/secrets/token',
      MOTHERSHIP_ROUTER_WORKERS: '2',
      ...env,
    };
    const container = `mothership-test-router-${process.pid}-${count++}`;
    const variables = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const secret = ['-v', `${join(folder, 'token')}:/run/secrets/token:ro`];
    await hostDocker([
      'run',
      '-d',
      '--name',
      container,
      '--network',
      'host',
      ...secret,
      ...variables,
      ...dockerOptions,
      image,
    ]);
    const router = new RealRouter(container, folder, port, healthPort);
    await router.untilUp();
    return router;
  }

  async untilUp(): Promise<void> {
    await waitUntil('the router answers', 15_000, () =>
      this.health().then(
        () => true,
        () => false,
      ),
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.#output()}`);
    });
  }

  async restart(): Promise<void> {
    await hostDocker(['restart', this.container]);
    await this.untilUp();
  }

  /** Kills a worker process; nginx starts another. */
  async killWorker(): Promise<void> {
    const script = 'for p in /proc/[0-9]*; do grep -q "nginx: worker" $p/cmdline && exec kill -9 ${p#/proc/}; done';
    await hostDocker(['exec', this.container, 'bash', '-c', script]);
  }

  async stop(): Promise<void> {
    await run(dockerArgv(HOST_SOCKET, ['rm', '-f', '-v', this.container]));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async health(): Promise<{ applied: number; inFlight: Record<string, number>; workers: number }> {
    const reply = await ask(this.#healthPort, { host: 'localhost', path: '/.mothership/health' });
    return JSON.parse(reply.body) as { applied: number; inFlight: Record<string, number>; workers: number };
  }

  /** Runs the image's own health check. */
  async healthCommand(): Promise<number> {
    return (await run(dockerArgv(HOST_SOCKET, ['exec', this.container, 'health']))).code;
  }

  ask(what: Ask): Promise<Reply> {
    return ask(this.port, what);
  }

  /** Sends bytes as they are and gives back what comes until the other side closes. */
  raw(bytes: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.setTimeout(5_000, () => socket.destroy(new Error(`silence after: ${text}`)));
      socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
  }

  /** What was logged for a request, once it is written. */
  async logged(requestId: string): Promise<RouterLogLine> {
    let found: RouterLogLine | undefined;
    await waitUntil(`request ${requestId} is logged`, 5_000, async () => {
      const lines = (await this.#output()).split('\n').map(parseRouterLine);
      found = lines.find((line) => line?.requestId === requestId);
      return found !== undefined;
    });
    return found as RouterLogLine;
  }

  async #output(): Promise<string> {
    const { stdout, stderr } = await run(dockerArgv(HOST_SOCKET, ['logs', this.container]));
    return stdout + stderr;
  }
}

function ask(port: number, what: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: what.path ?? '/',
        method: what.method ?? 'GET',
        headers: { host: what.host, ...what.headers },
        agent: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(what.body);
  });
}
