import { cp, mkdtemp } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import { WebSocket } from 'ws';
import type { App, Release, Task } from '../../src/api/index.ts';
import { dockerEngine, engineAddress, type Engine, type ServiceInfo } from '../../src/engine/index.ts';
import type { LabNode } from '../lab/index.ts';
import { ROOT } from './installation.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked extends Pick<RequestOptions, 'method' | 'headers' | 'agent'> {
  readonly body?: string | Buffer;
}

interface ClusterParts {
  readonly node: LabNode;
  /** Folder with `bin/mothership`. */
  readonly installation: string;
  /** Below it the CLI keeps its contexts and tests their copies of apps. */
  readonly home: string;
}

/** A cluster on a lab node as a person meets it: the real command line, and requests to the router. */
export class Cluster {
  readonly node: LabNode;
  readonly engine: Engine;
  readonly home: string;
  readonly installation: string;

  constructor(parts: ClusterParts) {
    this.node = parts.node;
    this.engine = dockerEngine(engineAddress(parts.node.dockerHost));
    this.home = parts.home;
    this.installation = parts.installation;
  }

  get env(): Record<string, string> {
    return { DOCKER_HOST: this.node.dockerHost, XDG_CONFIG_HOME: this.home, XDG_CACHE_HOME: this.home, NO_COLOR: '1' };
  }

  /** The argv of the real program, for those who start it themselves. */
  argv(argv: readonly string[]): [string, ...string[]] {
    return [process.execPath, join(this.installation, 'bin/mothership'), ...argv];
  }

  /** Starts the real program; to be awaited, or killed on the way. */
  start(argv: readonly string[], { cwd = this.home, env = {}, stdin = '' }: CommandOptions = {}) {
    const [file, ...rest] = this.argv(argv);
    return execa(file, rest, {
      cwd,
      env: { ...this.env, ...env },
      input: stdin,
      reject: false,
      stripFinalNewline: false,
    });
  }

  /** Runs the real program to its end, whatever that is. */
  async mothership(argv: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    const { exitCode, stdout, stderr } = await this.start(argv, options);
    return { code: exitCode ?? -1, stdout, stderr };
  }

  /** Runs a command that must succeed; answers its stdout. */
  async ok(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.mothership(argv, options);
    if (code !== 0) throw new Error(`mothership ${argv.join(' ').slice(0, 200)}: exit ${code}\n${stderr.slice(-4000)}`);
    return stdout;
  }

  /** As `ok`, with --json. */
  async json<T>(argv: readonly string[], options: CommandOptions = {}): Promise<T> {
    return JSON.parse(await this.ok([...argv, '--json'], options)) as T;
  }

  info(app: string): Promise<App> {
    return this.json(['apps:info', '-a', app]);
  }

  ps(app: string): Promise<Task[]> {
    return this.json(['ps', '-a', app]);
  }

  releases(app: string): Promise<Release[]> {
    return this.json(['releases', '-a', app, '-n', '100']);
  }

  async current(app: string): Promise<number> {
    return (await this.info(app)).release?.version ?? 0;
  }

  /** The Swarm services of an app that have tasks, or all. */
  async services(app: string, { all = false } = {}): Promise<ServiceInfo[]> {
    const { id } = await this.info(app);
    const services = await this.engine.services({ 'mothership.kind': 'process', 'mothership.app': id });
    return services.filter((service) => all || service.replicas !== 0);
  }

  /** A request to the router for an app's default host name, or for any other. */
  http(app: string, path = '/', { body, ...options }: Asked = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { host: this.hostOf(app), ...(options.headers as Record<string, string>) };
      const call = request({ host: this.node.ip, path, agent: false, ...options, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      call.on('error', reject);
      call.setTimeout(40_000, () => call.destroy(new Error(`no answer from ${app}${path}`)));
      call.end(body);
    });
  }

  hostOf(app: string): string {
    return app.includes('.') ? app : `${app}.localhost`;
  }

  /** An open WebSocket through the router. */
  ws(app: string, path = '/'): Promise<WebSocket> {
    const socket = new WebSocket(`ws://${this.node.ip}${path}`, {
      headers: { host: this.hostOf(app) },
      perMessageDeflate: false,
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  /** The controller's API without the command line. */
  async api(
    method: string,
    path: string,
    { token, body, headers = {} }: { token?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const given = {
      authorization: `Bearer ${token ?? (await this.token())}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const answer = await this.http('mothership', path, {
      method,
      headers: given,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: JSON.parse(answer.body || '{}') as Record<string, unknown> };
  }

  async token(): Promise<string> {
    const { readFile } = await import('node:fs/promises');
    const { current, contexts } = JSON.parse(await readFile(join(this.home, 'mothership/contexts.json'), 'utf8')) as {
      current: string;
      contexts: Record<string, { token: string }>;
    };
    return contexts[current]!.token;
  }

  /** A copy, in a folder called `name`, of an app of `examples` or of the tests; nothing is linked to it yet. */
  async copy(app: `${'examples' | 'test/apps' | 'test/e2e'}/${string}`, name: string): Promise<string> {
    const folder = await this.folder(name);
    await cp(join(ROOT, app), folder, {
      recursive: true,
      filter: (path) => !/\/(node_modules|\.mothership\.json)$/.test(path),
    });
    return folder;
  }

  /** An empty folder with that name. */
  async folder(name: string): Promise<string> {
    return join(await mkdtemp(join(this.home, 'app-')), name);
  }

  /** The tiny web app of these tests as an image of the node; answers the tag. */
  async tiny(text: string, mode = 'serve'): Promise<string> {
    const tag = `tiny/${text}:${mode}`;
    const controller = await this.engine.service('mothership-controller');
    const args = { NODE: controller!.image, TEXT: text, MODE: mode };
    const flags = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    await this.node.docker(['build', '-q', '-t', tag, ...flags, join(ROOT, 'test/e2e/tiny-app')], {
      env: { DOCKER_BUILDKIT: '0' },
    });
    return tag;
  }

  /** Creates an app that runs the tiny image. */
  async tinyApp(app: string, text = app): Promise<void> {
    await this.ok(['apps:create', app, '--no-link']);
    await this.ok(['deploy', '-a', app, '--image', await this.tiny(text)]);
  }
}

/** Asks again and again until the probe answers something true; answers it. */
export async function eventually<T>(what: string, seconds: number, probe: () => Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
