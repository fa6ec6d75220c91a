import { PassThrough, Readable, type Duplex, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type {
  Attachment,
  ContainerInfo,
  ContainerSpec,
  ImageInfo,
  LabelFilter,
  LogLine,
  LogOptions,
} from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import type { FakeNetworks } from './fake-engine-networks.ts';
import { carries, FakeStream, since, type FakeRaft } from './fake-engine-raft.ts';

/** What a program in a container can do; `out` and `err` take lines without their newline. */
export interface ProgramIo {
  readonly spec: ContainerSpec;
  /** Absolute path -> content; what `putArchive` unpacked and `getArchive` packs. */
  readonly files: Map<string, Buffer>;
  readonly stdin: Readable;
  readonly killed: AbortSignal;
  out(line: string): void;
  err(line: string): void;
  /** Raw bytes for an attached client; resolves when they have been read. */
  write(bytes: Buffer | string): Promise<void>;
  /** Of its terminal, as it was said last. */
  size(): Size | undefined;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Stands for what a container runs; answers the exit code. */
export type Program = (io: ProgramIo) => Promise<number> | number;

export interface FakeContainer {
  info: ContainerInfo;
  readonly spec: ContainerSpec;
  readonly image: ImageInfo;
  readonly files: Map<string, Buffer>;
  readonly log: FakeStream<LogLine>;
  readonly stdin: Duplex;
  readonly kill: AbortController;
  attached?: Writable;
  size?: Size;
  ended: Promise<number> | undefined;
}

/** A task as a container. */
export interface TaskContainer {
  readonly spec: ContainerSpec;
  readonly log: FakeStream<LogLine>;
  readonly running: boolean;
  readonly addresses: Readonly<Record<string, string>>;
}

const NEVER = '0001-01-01T00:00:00Z';

export class FakeContainers {
  readonly #raft: FakeRaft;
  readonly #networks: FakeNetworks;
  readonly #imageOf: (reference: string) => ImageInfo | undefined;
  readonly #ofTask: (id: string) => TaskContainer | undefined;
  readonly #byId = new Map<string, FakeContainer>();
  /** A task's container that is gone is not found again. */
  readonly #removed = new Set<string>();
  readonly #programs: { readonly runs: (spec: ContainerSpec) => boolean; readonly program: Program }[] = [];

  /** `ofTask` finds containers that tasks of services have. */
  constructor(
    raft: FakeRaft,
    networks: FakeNetworks,
    imageOf: (reference: string) => ImageInfo | undefined,
    ofTask: (id: string) => TaskContainer | undefined,
  ) {
    this.#raft = raft;
    this.#networks = networks;
    this.#imageOf = imageOf;
    this.#ofTask = ofTask;
  }

  /** What containers do of which `runs` holds; the latest word counts, without any they exit 0 at once. */
  program(runs: (spec: ContainerSpec) => boolean, program: Program): void {
    this.#programs.unshift({ runs, program });
  }

  list(filter: LabelFilter): ContainerInfo[] {
    return [...this.#byId.values()].map(({ info }) => info).filter((info) => carries(info.labels, filter));
  }

  get(nameOrId: string): FakeContainer | undefined {
    return (
      this.#byId.get(nameOrId) ??
      this.#adopt(nameOrId) ??
      [...this.#byId.values()].find(({ info }) => info.name === nameOrId)
    );
  }

  /** What a container of this spec does. */
  programFor(spec: ContainerSpec): Program {
    return this.#programs.find(({ runs }) => runs(spec))?.program ?? (() => 0);
  }

  must(nameOrId: string, action: string): FakeContainer {
    const container = this.get(nameOrId);
    if (!container)
      throw fail('ENGINE_FAILED', { action: `${action} container ${nameOrId}`, why: `No such container: ${nameOrId}` });
    return container;
  }

  create(spec: ContainerSpec): string {
    const what = spec.name ? `container ${spec.name}` : 'a container';
    const image = this.#imageOf(spec.image);
    if (!image) throw fail('ENGINE_FAILED', { action: `create ${what}`, why: `No such image: ${spec.image}` });
    if (spec.name && this.get(spec.name)) throw fail('ENGINE_NAME_TAKEN', { what });
    const id = this.#raft.hexId();
    const name = spec.name ?? `container-${this.#byId.size + 1}`;
    const info: ContainerInfo = {
      ...{
        id,
        name,
        image: spec.image,
        labels: { ...image.labels, ...spec.labels },
        running: false,
        exitCode: undefined,
        oomKilled: false,
      },
      ...{
        createdAt: this.#raft.timestamp(),
        startedAt: NEVER,
        finishedAt: NEVER,
        writtenBytes: undefined,
        volumes: (spec.mounts ?? []).flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])),
        addresses: {},
      },
    };
    const fresh = {
      files: new Map<string, Buffer>(),
      log: new FakeStream<LogLine>(),
      stdin: new PassThrough(),
      kill: new AbortController(),
    };
    this.#byId.set(id, { info, spec, image, ...fresh, ended: undefined });
    this.#raft.emit('container', 'create', info);
    return id;
  }

  start(id: string): void {
    const container = this.must(id, 'start');
    if (container.ended) return;
    const addresses = container.spec.networks.flatMap((network) => this.#networks.address(network.id) ?? []);
    container.info = {
      ...container.info,
      running: true,
      startedAt: this.#raft.timestamp(),
      addresses: Object.fromEntries(addresses.map(({ network, address }) => [network, address])),
    };
    container.ended = this.#run(container);
    this.#raft.emit('container', 'start', container.info);
  }

  async wait(id: string, signal?: AbortSignal): Promise<number> {
    const container = this.must(id, 'wait for');
    signal?.throwIfAborted();
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    return Promise.race([container.ended ?? 0, aborted]);
  }

  async end(id: string): Promise<void> {
    const container = this.get(id);
    if (!container?.info.running) return;
    container.kill.abort();
    await container.ended;
  }

  /** Swarm decides about the task. */
  endTask(id: string): void {
    const container = this.must(id, 'kill');
    container.info = { ...container.info, running: false, exitCode: 137 };
  }

  async remove(id: string): Promise<void> {
    const container = this.get(id);
    if (!container) return;
    await this.end(id);
    this.#byId.delete(container.info.id);
    this.#removed.add(container.info.id);
    this.#raft.emit('container', 'destroy', container.info);
  }

  attach(id: string): Attachment {
    const container = this.must(id, 'attach to');
    const { log, stdin } = container;
    const stdout = new PassThrough();
    container.attached = stdout;
    const stderr = new PassThrough();
    void (async () => {
      for await (const { stream, line } of log.read({ from: log.values.length })) {
        const output = stream === 'stdout' ? stdout : stderr;
        if (!output.writableEnded) output.write(`${line}\n`);
      }
      stdout.end();
      stderr.end();
    })();
    const close = (): void => {
      stdout.end();
      stderr.end();
    };
    return { stdin, stdout, stderr, endInput: () => stdin.end(), close };
  }

  async *logs(id: string, options: LogOptions): AsyncGenerator<LogLine> {
    const { log, info } = this.must(id, 'give the logs of');
    const from = options.tail === undefined ? 0 : Math.max(0, log.values.length - options.tail);
    const follow = (options.follow ?? false) && info.running;
    yield* since(log.read({ from, follow, signal: options.signal }), options);
  }

  async putArchive(id: string, path: string, tar: Readable): Promise<void> {
    const { files } = this.must(id, 'unpack an archive in');
    for await (const entry of tar.pipe(extract())) {
      const content = await buffer(entry);
      if (entry.header.type === 'file')
        files.set(`${path.replace(/\/$/, '')}/${entry.header.name.replace(/^\.\//, '')}`, content);
    }
  }

  /** Named as the engine names them: below the last part of `path`. */
  getArchive(id: string, path: string): Readable {
    const { files } = this.must(id, 'read');
    const parent = path.slice(0, path.lastIndexOf('/') + 1);
    const found = [...files].filter(([file]) => file === path || file.startsWith(`${path}/`));
    if (found.length === 0) {
      throw fail('ENGINE_FAILED', {
        action: `read ${path} of container ${id}`,
        why: `Could not find the file ${path} in container ${id}`,
      });
    }
    const tar = pack();
    for (const [file, content] of found) tar.entry({ name: file.slice(parent.length) }, content);
    tar.finalize();
    return Readable.from(tar);
  }

  /** Containers of tasks are created on first access. */
  #adopt(id: string): FakeContainer | undefined {
    const task = this.#removed.has(id) ? undefined : this.#ofTask(id);
    if (!task) return undefined;
    const { spec, log, running, addresses } = task;
    const info: ContainerInfo = {
      ...{
        id,
        name: `task-${id}`,
        image: spec.image,
        labels: spec.labels,
        running,
        exitCode: undefined,
        oomKilled: false,
      },
      ...{ createdAt: this.#raft.timestamp(), startedAt: this.#raft.timestamp(), finishedAt: NEVER },
      ...{ writtenBytes: undefined, volumes: [], addresses },
    };
    const image: ImageInfo = this.#imageOf(spec.image) ?? {
      ...{
        id: spec.image,
        tags: [],
        labels: {},
        sizeBytes: 0,
        createdAt: NEVER,
        layers: [],
        exposedPorts: [],
        entrypoint: [],
        command: [],
        user: '',
      },
    };
    const container = {
      info,
      spec,
      image,
      files: new Map<string, Buffer>(),
      log,
      stdin: new PassThrough(),
      kill: new AbortController(),
      ended: new Promise<number>(() => {}),
    };
    this.#byId.set(id, container);
    return container;
  }

  async #run(container: FakeContainer): Promise<number> {
    const { spec, files, log, stdin, kill } = container;
    const say = (stream: LogLine['stream']) => (line: string) => log.push({ stream, line, at: this.#raft.timestamp() });
    const io: ProgramIo = {
      spec,
      files,
      stdin,
      killed: kill.signal,
      out: say('stdout'),
      err: say(spec.tty ? 'stdout' : 'stderr'),
      write: (bytes) => writeTo(container.attached, bytes),
      size: () => container.size,
    };
    const program = this.programFor(spec);
    const killed = new Promise<number>((resolve) =>
      kill.signal.addEventListener('abort', () => resolve(137), { once: true }),
    );
    const exitCode = await Promise.race([Promise.resolve(io).then(program), killed]);
    container.info = { ...container.info, running: false, exitCode, addresses: {}, finishedAt: this.#raft.timestamp() };
    log.close();
    this.#raft.emit('container', 'die', container.info);
    return exitCode;
  }
}

/** Waits for a reader that is slower. */
export async function writeTo(output: Writable | undefined, bytes: Buffer | string): Promise<void> {
  if (!output?.writable || output.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const over = (): void => {
      output.off('drain', over).off('close', over);
      // As with a pipe, others come to their turn.
      setImmediate(resolve);
    };
    output.on('drain', over).on('close', over);
  });
}
