import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { ContainerSpec } from '../../src/engine/index.ts';
import type { ProgramIo } from './fake-engine-containers.ts';
import type { FakeEngine } from './fake-engine.ts';

/** The program started in a container, by its command line. */
export interface StartedProgram extends ProgramIo {
  readonly words: readonly string[];
  /** Bytes that have been read. */
  written: number;
}

/** Images of a stack on a fake engine, whose buildpack says a line and makes the source the app, and what apps can run. */
export class FakeApps {
  /** Paths of the sources that were built, in order; `path -> target` for symbolic links. */
  readonly built: string[][] = [];
  /** Of one-offs and execs, in order. */
  readonly programs: StartedProgram[] = [];
  /** Of the tests of an app. */
  testExitCode = 0;
  /** Builds that have begun wait for it. */
  gate: Promise<void> | undefined;

  constructor(engine: FakeEngine) {
    for (const image of ['build', 'run']) engine.imageStore.add(image, { entrypoint: ['launch'] });
    engine.program(
      (spec) => spec.image === 'build' && spec.labels['mothership.kind'] === 'build',
      (io) => this.#build(io),
    );
    engine.program(
      (spec) => PROGRAMS.has(wordsOf(spec)[0]!),
      (io) => this.#run(io),
    );
    const putArchive = engine.putArchive.bind(engine);
    engine.putArchive = async (id, path, tar) => {
      const bytes = await buffer(tar);
      if (path === '/build/app') await this.#note(bytes);
      await putArchive(id, path, Readable.from([bytes]));
    };
  }

  async #note(tar: Buffer): Promise<void> {
    const paths: string[] = [];
    for await (const entry of Readable.from([tar]).pipe(extract())) {
      const path = entry.header.name.replace(/^\.\//, '').replace(/\/$/, '');
      if (path !== '' && path !== '.') paths.push(path);
      entry.resume();
    }
    this.built.push(paths.sort());
  }

  async #build({ files, out }: ProgramIo): Promise<number> {
    out(files.has('/build/in/test') ? '-----> Running tests' : '-----> Building');
    await this.gate;
    const asked = String(files.get('/build/in/buildpacks') ?? '')
      .split('\n')
      .filter(Boolean);
    const names = asked.length > 0 ? asked.map((line) => line.split(' ')[1]!) : ['nodejs'];
    files.set('/build/out/buildpacks', Buffer.from(names.map((name) => `${name} 1.0.0\n`).join('')));
    files.set('/build/out/Procfile', files.get('/build/app/Procfile') ?? Buffer.from('web: node server.js\n'));
    files.set('/build/out/test', Buffer.from(String(this.testExitCode)));
    return 0;
  }

  #run(io: ProgramIo): Promise<number> {
    const words = wordsOf(io.spec);
    const program: StartedProgram = {
      ...io,
      words,
      written: 0,
      write: async (bytes) => {
        await io.write(bytes);
        program.written += bytes.length;
      },
    };
    this.programs.push(program);
    return PROGRAMS.get(words[0]!)!(program, words[1] ?? '');
  }
}

type AppProgram = (io: ProgramIo, argument: string) => Promise<number>;

/**
 * What apps can run. `cat` and the `shell` repeat their input; without a terminal they say on stderr that it ended.
 * `sleep` runs until it is killed. `join` forwards a port: every port except 1 echoes.
 */
const PROGRAMS: ReadonlyMap<string, AppProgram> = new Map<string, AppProgram>([
  ['exit', (_io, code) => Promise.resolve(Number(code))],
  [
    'cat',
    async (io) => {
      for await (const chunk of io.stdin) await io.write(chunk as Buffer);
      if (!io.spec.tty) io.err('end of input');
      return 0;
    },
  ],
  ['shell', (io) => PROGRAMS.get('cat')!(io, '')],
  ['join', async (io, port) => (port === '1' ? (io.err('ECONNREFUSED'), 1) : PROGRAMS.get('cat')!(io, ''))],
  [
    'flood',
    async (io, bytes) => {
      for (let left = Number(bytes); left > 0 && !io.killed.aborted; left -= 65_536)
        await io.write(Buffer.alloc(Math.min(left, 65_536), 'x'));
      return 0;
    },
  ],
  ['sleep', () => new Promise(() => undefined)],
]);

/** Words of the command line that an app's launcher was given. */
function wordsOf({ entrypoint = [], command = [], networks }: ContainerSpec): string[] {
  const line = [...entrypoint, ...command].at(-1) ?? '';
  if (networks[0]?.id.startsWith('container:')) return ['join', line];
  if (line.endsWith('exec sh')) return ['shell'];
  return line.replace(/^(stty .*?; )?(exec )?/, '').split(' ');
}
