import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { App, Body, Build, LogEntry, Operation, ProcessFormation, Release, Token } from '../../src/api/index.ts';
import { parseSourceRoot } from '../../src/api/source-root.ts';
import { changeBuildpacks, changeSettings, limitsFrom } from '../../src/builds/index.ts';
import { fail } from '../../src/errors/index.ts';
import { systemClock, type Clock, type Event, type NumberedEvent, type Secret } from '../../src/events/index.ts';
import type { BuildRequest, Caller, Platform, RunSession } from '../../src/platform/index.ts';
import type { RouterReport, RouteTable } from '../../src/router/index.ts';
import type { BuildSettingsRecord } from '../../src/store/index.ts';
import { FakeNodes } from './fake-nodes.ts';
import { Bell, FakeOperations } from './fake-operations.ts';

type Kept = App & { config: Record<string, string>; releases: Release[]; builds: Build[]; log: LogEntry[]; bell: Bell };
const size = { memory: 512 * 1024 * 1024, cpus: 1 };
/** All good at first; a test revokes `t-revoked`. The deployer's is for the app `shop`, the stranger's for another. */
export const fakeTokens = {
  admin: 'admin-token',
  member: 'member-token',
  revoked: 'revoked-token',
  deployer: 'deployer-token',
  stranger: 'stranger-token',
  router: 'router-token',
} as const;

/** A platform in memory. Operations end at once; `operations.hold` and `.failNext` script them. */
export class FakePlatform implements Platform {
  readonly clock: Clock;
  readonly operations: FakeOperations;
  /** Archives as received, in order, or the manifests of those whose contents came apart from them. */
  readonly uploads: Buffer[] = [];
  /** Sessions attached to, in order: their size and whether they were hung up. */
  readonly sessions: { columns?: number; rows?: number; hungUp: boolean; command: string[] }[] = [];
  readonly machines: FakeNodes;
  readonly nodes: Platform['nodes'];
  table: RouteTable = { version: 1, routes: [] };
  /** Copies asked for, and the tars that processes have to give, by path. */
  readonly copies: { ps: string; path: string; into: boolean }[] = [];
  readonly archives = new Map<string, Buffer>();
  readonly #manifests = new Map<string, Buffer>();
  readonly #apps = new Map<string, Kept>();
  readonly #runs = new Map<string, { app: string; input: Body<'runCreate'> }>();
  readonly #tokens = new Map<string, Token>();
  #ids = 0;

  constructor(options: { clock?: Clock } = {}) {
    this.clock = options.clock ?? systemClock;
    this.operations = new FakeOperations(this.clock);
    this.machines = new FakeNodes(this.operations);
    this.nodes = this.machines.noun;
    for (const user of ['admin', 'member', 'revoked'] as const) {
      const role = user === 'admin' ? 'admin' : 'member';
      this.#tokens.set(fakeTokens[user], {
        id: `t-${user}`,
        user,
        role,
        app: null,
        description: '',
        createdAt: this.#now(),
      });
    }
    for (const [user, app] of [
      ['deployer', 'shop'],
      ['stranger', 'blog'],
    ] as const) {
      this.#tokens.set(fakeTokens[user], {
        id: `t-${user}`,
        user,
        role: 'deploy',
        app,
        description: '',
        createdAt: this.#now(),
      });
    }
  }

  readonly tokens: Platform['tokens'] = {
    authenticate: async (value: Secret): Promise<Caller | undefined> => {
      const token = this.#tokens.get(value.reveal());
      return (
        token && { user: token.user, role: token.role, tokenId: token.id, ...(token.app ? { app: token.app } : {}) }
      );
    },
    list: async () => [...this.#tokens.values()],
    create: async (input) => {
      const id = this.#id('t');
      const token: Token = {
        id,
        user: input.user,
        role: input.deploy ? 'deploy' : (input.role ?? 'member'),
        app: input.deploy ?? null,
        description: input.description ?? '',
        createdAt: this.#now(),
      };
      this.#tokens.set(`value-of-${id}`, token);
      return { ...token, value: `value-of-${id}` };
    },
    revoke: async (id) => {
      for (const [value, token] of this.#tokens) if (token.id === id && this.#tokens.delete(value)) return token;
      throw fail('TOKEN_NOT_FOUND', { id });
    },
  };

  async account(caller: Caller): ReturnType<Platform['account']> {
    return { user: caller.user, role: caller.role, token: caller.tokenId, cluster: 'fake' };
  }

  readonly cluster: Platform['cluster'] = {
    info: async () => ({
      name: 'fake',
      version: '0.0.0',
      domain: 'localhost',
      url: 'http://mothership.localhost',
      stacks: ['debian-13'],
      publish: 'host',
      httpPort: 80,
      httpsPort: 443,
      createdAt: this.#now(),
      apps: this.#apps.size,
      routers: [{ id: 'r1', applied: 1, current: true }],
      nodes: [
        {
          id: 'n1',
          hostname: 'one',
          role: 'manager',
          state: 'ready',
          availability: 'active',
          address: '10.0.0.1',
          engine: '26.1.5',
          cpus: 2,
          memory: 4e9,
          zone: null,
          roles: [],
        },
      ],
    }),
  };

  /** What `backup.create` gives and whether it breaks off; what was given to `backup.restore`, and how that ends. */
  readonly backups = {
    content: [Buffer.from('backup')] as Buffer[],
    breaksOff: false,
    restored: [] as Buffer[],
    options: {},
    result: {} as Record<string, unknown>,
  };

  readonly backup: Platform['backup'] = {
    create: async (options) => {
      this.backups.options = options;
      return Readable.from(this.#backupBytes(), { objectMode: false });
    },
    restore: async ({ archive, options }, caller) => {
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(chunk as Buffer);
      this.backups.restored.push(Buffer.concat(chunks));
      this.backups.options = options;
      return this.operations.start(
        { kind: 'restore', app: 'fake', by: caller.user, events: [] },
        () => this.backups.result,
      );
    },
  };

  async *#backupBytes(): AsyncGenerator<Buffer> {
    yield* this.backups.content;
    if (this.backups.breaksOff) throw fail('INTERNAL', { ref: 'x' });
  }

  readonly apps: Platform['apps'] = {
    list: async () => [...this.#apps.values()].map((app) => this.#view(app)),
    create: async (input) => {
      const name = input.name ?? this.#id('app');
      if (!/^[a-z][a-z0-9-]{0,28}[a-z0-9]$/.test(name))
        throw fail('APP_NAME_INVALID', { name, why: 'it has other characters' });
      if (this.#apps.has(name)) throw fail('APP_EXISTS', { app: name });
      const app: Kept = {
        id: this.#id('a'),
        name,
        url: `http://${name}.localhost`,
        stack: input.stack ?? 'debian-13',
        createdAt: this.#now(),
        maintenance: false,
        release: null,
        formation: [],
        domains: [`${name}.localhost`],
        source: null,
        operation: null,
        config: {},
        releases: [],
        builds: [],
        log: [],
        bell: new Bell(),
      };
      this.#apps.set(name, app);
      this.#buildpacks.set(name, input.buildpacks ?? []);
      return this.#view(app);
    },
    info: async (app) => this.#view(this.#app(app)),
    update: async (name, changes) => {
      const app = this.#app(name);
      if (changes.maintenance !== undefined) app.maintenance = changes.maintenance;
      const source = changes.source && parseSourceRoot(changes.source.root, changes.source.watch ?? []);
      if (changes.source) app.source = source ? { root: source.root || '.', watch: [...source.watch] } : null;
      if (changes.name !== undefined) {
        if (this.#apps.has(changes.name)) throw fail('APP_EXISTS', { app: changes.name });
        this.#apps.delete(name);
        Object.assign(app, {
          name: changes.name,
          url: `http://${changes.name}.localhost`,
          domains: [`${changes.name}.localhost`, ...app.domains.slice(1)],
        });
        this.#apps.set(app.name, app);
      }
      return this.#view(app);
    },
    destroy: async (name, confirm) => {
      const app = this.#app(name);
      if (confirm !== name) throw fail('CONFIRM_MISMATCH', { app: name, given: confirm });
      this.#apps.delete(name);
      return this.#view(app);
    },
  };

  readonly config: Platform['config'] = {
    get: async (app) => ({ ...this.#app(app).config }),
    update: async (name, changes, caller) => {
      const app = this.#app(name);
      const missing = changes.unset?.find((key) => !(key in app.config));
      if (missing) throw fail('CONFIG_KEY_MISSING', { key: missing, app: name });
      const keys = [...Object.keys(changes.set ?? {}), ...(changes.unset ?? [])];
      return this.#change('config', app, caller, [], () => {
        Object.assign(app.config, changes.set);
        for (const key of changes.unset ?? []) delete app.config[key];
        return this.#release(app, caller, { description: `Set ${keys.join(', ')}` });
      });
    },
  };

  readonly builds: Platform['builds'] = {
    list: async (app) => [...this.#app(app).builds].reverse(),
    create: async (name, { archive, options }: BuildRequest, caller) => {
      const app = this.#app(name);
      const received = await buffer(archive);
      this.uploads.push(this.#manifests.get(options.source ?? '') ?? received);
      const id = this.#id('b');
      const build: Build = {
        id,
        app: name,
        status: 'running',
        kind: options.kind === 'dockerfile' || options.dockerfile ? 'dockerfile' : 'buildpacks',
        stack: app.stack,
        buildpacks: ['nodejs'],
        ref: options.ref ?? null,
        by: caller.user,
        createdAt: this.#now(),
        finishedAt: null,
        image: null,
        sizeBytes: null,
        builder: null,
        release: null,
        error: null,
        operation: '',
      };
      app.builds.push(build);
      const operation = this.#change(
        'deploy',
        app,
        caller,
        this.#deployEvents(),
        () => {
          const result = this.#release(app, caller, {
            description: `Deploy ${build.ref ?? id}`,
            build: id,
            ref: build.ref,
            image: `${name}:${id}`,
          });
          Object.assign(build, { image: `${name}:${id}`, sizeBytes: 1e6, release: result.release });
          return { ...result, build: id };
        },
        (state, error) =>
          Object.assign(build, { status: state, finishedAt: this.#now(), error: error?.message ?? null }),
      );
      build.operation = operation.id;
      return operation;
    },
    offer: async (name, manifest) => {
      this.#app(name);
      const bytes = await buffer(manifest);
      const source = createHash('sha256').update(bytes).digest('hex');
      this.#manifests.set(source, bytes);
      return { source, missing: ['0'.repeat(64)] };
    },
    info: async (app, id) => this.#build(app, id),
    output: (app, id, from, signal) => this.#output(app, id, from, signal),
    purgeCache: async (app) => ({ app: this.#app(app).name, nodes: ['one'], missed: [] }),
    cancel: async (app, id) => {
      const build = this.#build(app, id);
      await this.operations.cancel(build.operation);
      return build;
    },
  };

  /** What the tests that are run end with. */
  testExitCode = 0;
  readonly #buildpacks = new Map<string, readonly string[]>();

  #buildSettings: BuildSettingsRecord = { env: {} };

  readonly buildSettings: Platform['buildSettings'] = {
    info: async () => ({
      slots: null,
      cacheBytes: null,
      ...limitsFrom(this.#buildSettings),
      ...this.#buildSettings,
      env: { ...this.#buildSettings.env },
    }),
    update: async (changes) => {
      this.#buildSettings = changeSettings(this.#buildSettings, changes);
      return this.buildSettings.info();
    },
  };

  readonly buildpacks: Platform['buildpacks'] = {
    list: async (name) =>
      (this.#buildpacks.get(this.#app(name).name) ?? []).map((buildpack, index) => ({
        position: index + 1,
        name: buildpack,
        kind: buildpack.includes('://') ? 'git' : 'stack',
        url: buildpack.includes('://') ? buildpack.replace(/#.*/, '') : null,
        ref: /#(.+)/.exec(buildpack)?.[1] ?? null,
        version: index === 0 ? '1.0.0' : null,
      })),
    update: async (name, change) => {
      this.#buildpacks.set(name, changeBuildpacks(name, this.#buildpacks.get(this.#app(name).name) ?? [], change));
      return this.buildpacks.list(name);
    },
  };

  readonly tests: Platform['tests'] = {
    create: async (name, { archive }, caller) => {
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(chunk as Buffer);
      this.uploads.push(Buffer.concat(chunks));
      return this.#change(
        'test',
        this.#app(name),
        caller,
        [{ type: 'output', source: 'build', line: '-----> Running tests' }],
        () => ({ app: name, exitCode: this.testExitCode }),
      );
    },
  };

  readonly releases: Platform['releases'] = {
    list: async (app) => [...this.#app(app).releases].reverse(),
    info: async (app, release) => this.#releaseOf(this.#app(app), release),
    create: async (name, input, caller) => {
      const app = this.#app(name);
      return this.#change('deploy', app, caller, this.#deployEvents(), () =>
        this.#release(app, caller, {
          description: `Deploy ${input.image}`,
          image: input.image,
          ref: input.ref ?? null,
        }),
      );
    },
    rollback: async (name, input, caller) => {
      const app = this.#app(name);
      const current = app.release?.version ?? 0;
      if (!input.version && current < 2) throw fail('ROLLBACK_NOWHERE', { app: name });
      const to = this.#releaseOf(app, String(input.version ?? current - 1));
      return this.#change('rollback', app, caller, this.#deployEvents(), () =>
        this.#release(app, caller, {
          description: `Rollback to v${to.version}`,
          image: to.image,
          build: to.build,
          ref: to.ref,
        }),
      );
    },
  };

  readonly stack: Platform['stack'] = {
    info: async (name) => {
      const app = this.#app(name);
      return { app: app.name, stack: app.stack, runImage: 'sha256:old', current: 'sha256:new', behind: true };
    },
    update: async (name, caller) => {
      const app = this.#app(name);
      return this.#change('stack', app, caller, [], () => ({
        ...this.#release(app, caller, { description: 'Stack updated' }),
        updated: true,
      }));
    },
    updateAll: async (caller) =>
      this.operations.start({ kind: 'stack', app: 'all apps', by: caller.user }, () => ({
        updated: [...this.#apps.keys()],
      })),
  };

  readonly formation: Platform['formation'] = {
    get: async (app) => this.#app(app).formation,
    update: async (name, { updates }, caller) => {
      const app = this.#app(name);
      const known = app.formation.map((line) => line.type);
      const unknown = updates.find((update) => !known.includes(update.type));
      if (unknown) throw fail('PROCESS_TYPE_UNKNOWN', { type: unknown.type, known });
      return this.#change('scale', app, caller, [], () => {
        app.formation = app.formation.map((line): ProcessFormation => {
          const update = updates.find((candidate) => candidate.type === line.type);
          if (!update) return line;
          const { memory = line.size.memory, cpus = line.size.cpus } = update.size ?? {};
          return {
            ...line,
            quantity: (update.quantity ?? line.quantity) + (update.delta ?? 0),
            size: { memory, cpus },
          };
        });
        return { formation: app.formation };
      });
    },
  };

  readonly ps: Platform['ps'] = {
    list: async (name) => {
      const app = this.#app(name);
      return app.formation.flatMap((line) =>
        Array.from({ length: line.quantity }, (_, index) => ({
          name: `${line.type}.${index + 1}`,
          type: line.type,
          slot: index + 1,
          state: 'up' as const,
          detail: '',
          release: app.release?.version ?? 0,
          node: 'one',
          zone: null,
          since: app.createdAt,
          started: app.createdAt,
          command: line.command,
          size: line.size,
          exitCode: null,
          usage: { cpus: 0.125, memory: 45 * 1024 ** 2, memoryLimit: line.size.memory },
          id: `task-${line.type}-${index + 1}`,
        })),
      );
    },
    exec: async (name, input) => {
      const ps = this.#process(name, input.ps);
      const id = this.#id('exec');
      this.#runs.set(id, {
        app: name,
        input: { ...input, command: input.command?.length ? input.command : ['shell'] },
      });
      return { id, ps };
    },
    attachExec: async (app, id) => {
      const exec = this.#runs.get(id);
      if (exec?.app !== app) throw fail('EXEC_NOT_FOUND', { id });
      this.#runs.delete(id);
      return this.#session(exec.input);
    },
    copy: async (name, { ps, path, into }) => {
      this.copies.push({ ps: this.#process(name, ps), path, into: into ?? false });
      return into ? this.#upload() : this.#download(path);
    },
    forward: async (name, { ps, port }) => {
      if (port === 1) throw fail('FORWARD_FAILED', { port, process: this.#process(name, ps), why: 'ECONNREFUSED' });
      return this.#session({ command: ['cat'] });
    },
    restart: async (name, _input, caller) => this.#change('restart', this.#app(name), caller, [], () => ({})),
    stop: async (name, { target }, caller) => {
      const app = this.#app(name);
      return this.#change('stop', app, caller, [], () => {
        app.formation = app.formation.map((line) => (line.type === target ? { ...line, quantity: 0 } : line));
        return {};
      });
    },
  };

  readonly domains: Platform['domains'] = {
    list: async (app) =>
      this.#app(app).domains.map((domain, index) => ({ domain, kind: index === 0 ? 'default' : 'custom' })),
    add: async (app, domain) => {
      const owner = [...this.#apps.values()].find((other) => other.domains.includes(domain));
      if (owner) throw fail('DOMAIN_TAKEN', { domain, owner: owner.name });
      this.#app(app).domains.push(domain);
      return { domain, kind: 'custom' };
    },
    remove: async (name, domain) => {
      const app = this.#app(name);
      if (!app.domains.includes(domain, 1)) throw fail('DOMAIN_NOT_FOUND', { domain, app: name });
      app.domains = app.domains.filter((other) => other !== domain);
      return { domain, kind: 'custom' };
    },
    clear: async (name) => {
      const removed = this.#app(name).domains.splice(1);
      return removed.map((domain) => ({ domain, kind: 'custom' }));
    },
  };

  async *logs(
    name: string,
    query: { n?: number | undefined; tail?: boolean | undefined; ps?: string | undefined; source?: string | undefined },
    signal: AbortSignal,
  ): AsyncGenerator<LogEntry> {
    const app = this.#app(name);
    const wanted = (entry: LogEntry): boolean =>
      (!query.source || entry.source === query.source) &&
      (!query.ps || entry.ps === query.ps || entry.ps.startsWith(`${query.ps}.`));
    const past = app.log.filter(wanted);
    let seen = app.log.length;
    yield* past.slice(Math.max(0, past.length - (query.n ?? 100)));
    while (query.tail && !signal.aborted) {
      if (seen === app.log.length) await app.bell.wait(signal);
      else if (wanted(app.log[seen++]!)) yield app.log[seen - 1]!;
    }
  }

  /** Makes the app write a line. */
  writeLog(app: string, line: string, from: { source?: LogEntry['source']; ps?: string } = {}): void {
    this.#app(app).log.push({ at: this.#now(), source: from.source ?? 'app', ps: from.ps ?? 'web.1', line });
    this.#app(app).bell.ring();
  }

  readonly run: Platform['run'] = {
    create: async (name, input) => {
      const release = this.#app(name).release;
      if (!release) throw fail('APP_HAS_NO_RELEASE', { app: name });
      const id = this.#id('run');
      this.#runs.set(id, { app: name, input });
      return { id, name: id.replace('-', '.'), release: release.version };
    },
    attach: async (app, id) => {
      const run = this.#runs.get(id);
      if (run?.app !== app) throw fail('RUN_NOT_FOUND', { run: id });
      this.#runs.delete(id);
      return this.#session(run.input);
    },
  };

  readonly routers: Platform['routers'] = {
    authenticate: (value: Secret) => value.reveal() === fakeTokens.router,
    poll: async (report: RouterReport) => (report.applied < this.table.version ? this.table : undefined),
  };

  /** `exit N` ends with N, `flood N` writes N bytes; anything else is `cat` that tells its end on stderr. */
  #session(input: Body<'runCreate'>): RunSession {
    const seen: FakePlatform['sessions'][number] = { hungUp: false, command: input.command };
    this.sessions.push(seen);
    const [program, argument] = input.command.join(' ').split(' ');
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    let exit: (code: number) => void = () => {};
    const exited = new Promise<number>((resolve) => {
      exit = resolve;
    });
    const end = (code: number, lastWords = ''): void => {
      stderr.end(lastWords);
      stdout.end(() => exit(code));
    };
    if (program === 'exit') end(Number(argument));
    if (program === 'flood') void flood(stdout, Number(argument)).then(() => end(0));
    const stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (stdout.write(chunk)) done();
        else stdout.once('drain', done);
      },
      final: (done) => {
        end(0, 'end of input\n');
        done();
      },
    });
    return {
      tty: input.tty ?? false,
      input: stdin,
      stdout,
      stderr,
      exited,
      resize: async (to) => {
        Object.assign(seen, to);
      },
      hangUp: async () => {
        seen.hungUp = true;
        end(129);
      },
    };
  }

  #process(app: string, wanted = 'web.1'): string {
    const known = this.#app(app).formation.flatMap(({ type, quantity }) =>
      Array.from({ length: quantity }, (_, index) => `${type}.${index + 1}`),
    );
    const found = known.find((name) => name === wanted || name.startsWith(`${wanted}.`));
    if (!found) throw fail('PROCESS_NOT_FOUND', { process: wanted, app, known });
    return found;
  }

  #upload(): RunSession {
    const chunks: Buffer[] = [];
    let exit: (code: number) => void = () => {};
    const exited = new Promise<number>((resolve) => {
      exit = resolve;
    });
    const input = new Writable({
      write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()),
      final: (done) => {
        this.uploads.push(Buffer.concat(chunks));
        exit(0);
        done();
      },
    });
    return {
      tty: false,
      input,
      stdout: Readable.from([]),
      stderr: Readable.from([]),
      exited,
      resize: async () => {},
      hangUp: async () => {},
    };
  }

  #download(path: string): RunSession {
    const tar = this.archives.get(path);
    if (!tar) throw fail('COPY_FAILED', { path, process: 'web.1', why: 'it does not exist' });
    const stdout = Readable.from([tar]);
    const exited = new Promise<number>((resolve) => stdout.once('end', () => resolve(0)));
    return {
      tty: false,
      input: new PassThrough().resume(),
      stdout,
      stderr: Readable.from([]),
      exited,
      resize: async () => {},
      hangUp: async () => {},
    };
  }

  #change(
    kind: Operation['kind'],
    app: Kept,
    caller: Caller,
    events: Event[],
    effect: () => Record<string, unknown>,
    onEnd?: Parameters<FakeOperations['start']>[0]['onEnd'],
  ): Operation {
    const busy = this.operations.running(app.name);
    if (busy) throw fail('APP_BUSY', { app: app.name, operation: busy.kind, by: busy.by, seconds: 1 });
    return this.operations.start({ kind, app: app.name, by: caller.user, events, ...(onEnd ? { onEnd } : {}) }, effect);
  }

  #deployEvents(): Event[] {
    return ['build', 'start', 'ready', 'routed'].flatMap((phase): Event[] => [
      { type: 'phase', phase, state: 'started' },
      ...(phase === 'build' ? [{ type: 'output', source: 'build', line: '-----> Building' } as const] : []),
      { type: 'phase', phase, state: 'done', ms: 5 },
    ]);
  }

  /** As a release is made by the real platform: numbered, current, with web once there is an image. */
  #release(
    app: Kept,
    caller: Caller,
    made: { description: string; image?: string | null; build?: string | null; ref?: string | null },
  ): { release: number; url: string } {
    const last = app.releases.at(-1);
    const version = (last?.version ?? 0) + 1;
    for (const release of app.releases) release.current = false;
    app.releases.push({
      version,
      status: 'succeeded',
      current: true,
      description: made.description,
      by: caller.user,
      createdAt: this.#now(),
      image: made.image ?? last?.image ?? null,
      build: made.build ?? null,
      ref: made.ref ?? null,
      configKeys: Object.keys(app.config),
      processTypes: { web: 'node server.js' },
      error: null,
    });
    app.release = { version, createdAt: this.#now(), description: made.description };
    if (app.formation.length === 0 && app.releases.at(-1)!.image)
      app.formation = [{ type: 'web', quantity: 1, size, command: 'node server.js' }];
    return { release: version, url: app.url };
  }

  #releaseOf(app: Kept, name: string): Release {
    const found = app.releases.find((release) =>
      name === 'current' ? release.current : `v${release.version}` === name || String(release.version) === name,
    );
    if (!found) throw fail('RELEASE_NOT_FOUND', { app: app.name, version: name });
    return found;
  }

  #app(name: string): Kept {
    const app = this.#apps.get(name);
    if (!app) throw fail('APP_NOT_FOUND', { app: name });
    return app;
  }

  #build(app: string, id: string): Build {
    const build = this.#app(app).builds.find((candidate) => candidate.id === id);
    if (!build) throw fail('BUILD_NOT_FOUND', { app, build: id });
    return build;
  }

  async *#output(app: string, id: string, from: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    for await (const event of this.operations.events(this.#build(app, id).operation, from, signal))
      if (event.type === 'output') yield event;
  }

  #view(app: Kept): App {
    const { config: _config, releases: _releases, builds: _builds, log: _log, bell: _bell, ...view } = app;
    const running = this.operations.running(app.name);
    return {
      ...view,
      operation: running ? { id: running.id, kind: running.kind, by: running.by, startedAt: running.startedAt } : null,
    };
  }

  #id(prefix: string): string {
    return `${prefix}-${++this.#ids}`;
  }

  #now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

async function flood(into: PassThrough, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= 65_536) {
    if (!into.write(Buffer.alloc(Math.min(left, 65_536), 'x')))
      await new Promise((resolve) => into.once('drain', resolve));
  }
}
