import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { CommandSet } from '../../src/cli/program/command-table.ts';
import { saveContext } from '../../src/cli/session/contexts.ts';
import type { InputStream, Io, Signal } from '../../src/cli/program/io.ts';
import type { Clock } from '../../src/events/index.ts';
import { alice, PACE, rig, type Rig, type RigOptions } from '../controller/controller.ts';
import { tokens } from '../controller/tokens.ts';
import { eventually } from '../eventually.ts';

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface RunOptions {
  readonly stdin?: string | Readable;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** The world's own when missing. */
  readonly clock?: Clock;
  /** What is typed at a terminal of 100 x 30; its raw modes are noted in `rawModes`. */
  readonly keys?: PassThrough;
}

/**
 * The program as an ES module, as it is built. mocha requires test files, so a static import here would be a second copy
 * of what commands, loaded when they run, import.
 */
async function loadProgram(): Promise<{
  main: typeof import('../../src/cli/program/main.ts').main;
  commands: CommandSet;
}> {
  const [{ main }, { summarize }, { commandTable, topics }] = await Promise.all([
    import('../../src/cli/program/main.ts'),
    import('../../src/cli/program/command-table.ts'),
    import('../../src/commands/index.ts'),
  ]);
  summaries ??= summarize(commandTable);
  return { main, commands: { table: commandTable, topics, summaries: () => summaries! } };
}
let summaries: ReturnType<CommandSet['summaries']> | undefined;

/** A person at a command line: a home and a folder of their own, logged in to a controller. Time passes while a command runs. */
export class Desk {
  readonly rig: Rig;
  readonly home: string;
  readonly folder: string;
  readonly signals = new EventEmitter();
  readonly rawModes: boolean[] = [];
  /** What the command that was run last has written on stderr so far. */
  shown = '';
  /** As `shown`, on stdout. */
  printed = '';
  url = '';

  private constructor(world: Rig, home: string, folder: string) {
    this.rig = world;
    this.home = home;
    this.folder = folder;
  }

  static async open(options: RigOptions & { loggedIn?: boolean } = {}): Promise<Desk> {
    const desk = new Desk(
      await rig(options),
      await mkdtemp(join(tmpdir(), 'mothership-home-')),
      await mkdtemp(join(tmpdir(), 'example-app-')),
    );
    desk.url = await desk.rig.url();
    if (options.loggedIn ?? true)
      await saveContext(desk.contextsFile, 'test', { url: desk.url, token: tokens.admin, domain: 'localhost' });
    return desk;
  }

  get platform(): Rig['platform'] {
    return this.rig.platform;
  }

  get world(): Rig['world'] {
    return this.rig.world;
  }

  get apps(): Rig['apps'] {
    return this.rig.apps;
  }

  get contextsFile(): string {
    return join(this.home, '.config', 'mothership', 'contexts.json');
  }

  async close(): Promise<void> {
    await this.rig.close();
    await Promise.all([this.home, this.folder].map((path) => rm(path, { recursive: true, force: true })));
  }

  /** Runs a command to its end, without a terminal unless there are `keys`. */
  async run(argv: string | readonly string[], options: RunOptions = {}): Promise<Result> {
    const [stdout, stderr] = [new Sink(), new Sink()];
    const words = typeof argv === 'string' ? argv.split(' ') : argv;
    const { main, commands } = await loadProgram();
    [this.shown, this.printed] = ['', ''];
    stdout.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString('utf8');
    });
    stderr.on('data', (chunk: Buffer) => {
      this.shown += chunk.toString('utf8');
    });
    const running = main(words, this.#io(options, stdout, stderr), commands, '1.2.3');
    const code = await this.world.clock.passUntil(running, { pace: PACE });
    return { stdout: stdout.text, stderr: stderr.text, code };
  }

  /** What a process of the app writes. */
  async say(app: string, lines: string | readonly string[], process = 'web.1'): Promise<void> {
    const task = (await this.platform.ps.list(app)).find(({ name }) => name === process);
    for (const line of [lines].flat()) this.world.engine.say(task!.id, line);
  }

  /** Lets no build end before `go` is called, however much time passes. */
  async holdBuilds(): Promise<{ go: () => void }> {
    await this.platform.buildSettings.update({ seconds: 86_400 }, alice);
    const gate = { go: (): void => undefined };
    this.apps.gate = new Promise((resolve) => {
      gate.go = resolve;
    });
    return gate;
  }

  /** The operation of the app that is under way, once there is one: a change, or a deploy whose build runs. */
  underWay(app: string): Promise<string> {
    return eventually(`an operation of ${app}`, async () => {
      const found = (await this.platform.apps.list()).find(({ name }) => name === app);
      const builds = found ? await this.platform.builds.list(app) : [];
      return found?.operation?.id ?? builds.find(({ status }) => status === 'running')?.operation;
    });
  }

  signal(name: Signal): void {
    this.signals.emit(name);
  }

  #io(options: RunOptions, stdout: Sink, stderr: Sink): Io {
    const stdin = (
      typeof options.stdin === 'object'
        ? options.stdin
        : Readable.from(options.stdin ? [Buffer.from(options.stdin)] : [])
    ) as InputStream;
    const keys =
      options.keys &&
      Object.assign(options.keys, { isTTY: true, setRawMode: (raw: boolean) => this.rawModes.push(raw) });
    if (keys) for (const stream of [stdout, stderr]) Object.assign(stream, { isTTY: true, columns: 100, rows: 30 });
    return {
      stdin: keys ?? stdin,
      stdout,
      stderr,
      cwd: options.cwd ?? this.folder,
      home: this.home,
      clock: options.clock ?? this.world.clock,
      env: { PATH: process.env['PATH'], HOME: this.home, TERM: 'xterm', ...options.env },
      onSignal: (name, listener) => {
        this.signals.on(name, listener);
        return () => void this.signals.off(name, listener);
      },
    };
  }
}

/** A stream that keeps what is written. */
class Sink extends PassThrough {
  text = '';

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('utf8');
    });
  }

  /** As with the streams of a process, nobody ends it. */
  override end(): this {
    return this;
  }
}
