import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  Setup,
  type ClusterAccess,
  type PackageFiles,
  type RunOptions,
  type SetupResult,
} from '../../src/cluster/index.ts';
import type { ContextFile } from '../../src/cluster/images/image-recipe.ts';
import type { Engine } from '../../src/engine/index.ts';
import { systemClock, type Clock, type Event, type Host } from '../../src/events/index.ts';
import type { Machine } from '../../src/provision/index.ts';
import { SwarmStore } from '../../src/store/index.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

/** A machine on which commands do what `commands` says: argv's first word to exit code and output. */
export class FakeMachine implements Machine {
  readonly name = 'fake';
  readonly ran: string[][] = [];
  readonly open = new Set<number>();
  files: Record<string, string> = {
    '/etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
    '/etc/apt/sources.list': 'deb http://mirror.test/debian bookworm main\n',
  };
  bootstrap = { code: 0, output: 'a root file system', stderr: '' };

  asRoot(argv: readonly string[]): readonly string[] {
    return argv;
  }

  run(argv: readonly string[]) {
    this.ran.push([...argv]);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  }

  stream(argv: readonly string[]) {
    this.ran.push([...argv]);
    const { code, output, stderr } = this.bootstrap;
    return { output: Readable.from([output]), ended: Promise.resolve({ code, stdout: '', stderr }) };
  }

  readFile(path: string) {
    return Promise.resolve(this.files[path]);
  }

  writeFile(path: string, content: Buffer) {
    this.files[path] = content.toString();
    return Promise.resolve();
  }

  listFolder(_path: string): Promise<string[]> {
    return Promise.resolve([]);
  }

  addresses() {
    return Promise.resolve(['10.1.2.3']);
  }

  resolves() {
    return Promise.resolve(true);
  }

  accepts(_address: string, port: number) {
    return Promise.resolve(this.open.has(port));
  }
}

/** Files that the container with the cluster's own certificates leaves in /tmp. */
const TRUST_FILES = [
  ...['ca', 'agent', 'controller', 'registry'].flatMap((name) => [`${name}.pem`, `${name}.key`]),
  'password',
  'htpasswd',
];

/** Lets the engine make the cluster's own certificates, and remove its firewall. */
export function programTrust(engine: FakeEngine): void {
  engine.program(
    (spec) => Boolean(spec.command?.[0]?.includes('leaf agent')),
    ({ files }) => {
      for (const name of TRUST_FILES) files.set(`/tmp/${name}`, Buffer.from(`${name} of the cluster`));
      return 0;
    },
  );
  engine.program(
    (spec) => spec.name === 'mothership-node-care',
    () => 0,
  );
}

/** Time passes only while something waits. */
export class PatientClock implements Clock {
  #now = Date.now();
  readonly now = (): number => this.#now;
  readonly sleep = async (ms: number): Promise<void> => {
    this.#now += ms;
    await new Promise((resolve) => setImmediate(resolve));
  };
}

/** Every folder has one file that names it; `controller` is the bundle's text. */
export class FakeFiles implements PackageFiles {
  controller = 'version 1';

  folder(path: string): Promise<ContextFile[]> {
    const text = path === 'dist/controller' ? this.controller : `FROM ${path}`;
    return Promise.resolve([
      { path: path === 'dist/controller' ? 'server.js' : 'Dockerfile', mode: 0o644, content: Buffer.from(text) },
    ]);
  }

  file(path: string, as: string): Promise<ContextFile> {
    return Promise.resolve({ path: as, mode: 0o644, content: Buffer.from(path) });
  }
}

/** Stands at the router's address and says what the controller would. */
export class FakeFront {
  readonly #server: Server;
  routers: unknown = [{ id: 'r', applied: 1, current: true }];
  isolation: unknown = [{ node: 'fake', enforced: true, why: '' }];
  /** Of every node. */
  report: unknown = null;

  constructor() {
    this.#server = createServer(({ url }, response) => {
      const { routers, isolation, report } = this;
      response.end(JSON.stringify(url?.startsWith('/nodes/') ? { report } : { routers, isolation }));
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** An engine in no Swarm, a machine around it, and setup on both. */
export class World {
  readonly engine = new FakeEngine({ nodes: [] });
  readonly machine = new FakeMachine();
  readonly files = new FakeFiles();
  readonly events: Event[] = [];
  readonly answers: (boolean | string)[] = [];
  kept: ClusterAccess | undefined;
  ipvs = false;

  constructor(readonly port: number) {
    programTrust(this.engine);
    this.engine.program(
      (spec) => spec.entrypoint?.[0] === 'openssl',
      ({ files }) => {
        files.set('/tmp/cert.pem', Buffer.from('a certificate'));
        files.set('/tmp/key.pem', Buffer.from('a key'));
        return 0;
      },
    );
    this.engine.program(
      (spec) => spec.entrypoint?.[0] === '/bin/sh' && !spec.command?.[0]?.includes('leaf agent'),
      ({ out }) => {
        for (const line of [
          `ipvs ${this.ipvs ? 'yes' : 'no'}`,
          'disk 100000000',
          'free 50000000',
          `time ${Math.floor(Date.now() / 1000)}`,
        ])
          out(line);
        return 0;
      },
    );
  }

  setup(
    options: Partial<RunOptions> = {},
    engine: Engine = this.engine,
    signal?: AbortSignal,
    clock: Clock = systemClock,
  ): Promise<SetupResult> {
    const host = {
      notify: (event: Event) => void this.events.push(event),
      ask: () => Promise.resolve(this.answers.shift() ?? true),
    } as Host;
    const setup = new Setup({
      engine,
      store: new SwarmStore(engine),
      machine: this.machine,
      clock,
      host,
      files: this.files,
      version: '1.2.3',
      provider: 'local',
      findToken: () => Promise.resolve(this.kept?.token),
      keepToken: (access) => {
        this.kept = access;
        return Promise.resolve();
      },
    });
    return setup.run(
      { address: '127.0.0.1', httpPort: this.port, httpsPort: this.port === 1 ? 2 : 1, yes: true, ...options },
      signal,
    );
  }

  get notices(): string[] {
    return this.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  }
}
