import { expect } from 'chai';
import { buffer, text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { ContainerSpec } from '../../src/engine/index.ts';
import { reveal } from '../../src/events/index.ts';
import type { Program } from '../fakes/fake-engine-containers.ts';
import { collect, CONTRACT, fresh, refusal, until, type Subject } from './subject.ts';

export function tarOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return Readable.from(tar);
}

async function untar(stream: Readable): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of stream.pipe(extract())) files[entry.header.name] = (await buffer(entry)).toString();
  return files;
}

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const forever: Program = () => new Promise(() => {});

export function containerContract(subject: () => Subject): void {
  const make = (script: string, program: Program, change: Partial<ContainerSpec> = {}): Promise<string> => {
    const { engine, image, teachProgram } = subject();
    teachProgram(script, program);
    const base = {
      image,
      labels: CONTRACT,
      entrypoint: ['sh', '-c'],
      command: [script],
      env: {},
      networks: [{ id: 'none' }],
    };
    return engine.createContainer({ ...base, ...change });
  };

  describe('containers', () => {
    it('run, tell their exit code and what they wrote', async () => {
      const { engine } = subject();
      const id = await make('echo out; echo err >&2; exit 3', (io) => {
        io.out('out');
        io.err('err');
        return 3;
      });
      expect(await engine.container(id)).to.include({ running: false, exitCode: undefined });
      await engine.startContainer(id);
      expect(await engine.waitContainer(id)).to.equal(3);
      expect(await engine.container(id)).to.include({ running: false, exitCode: 3, oomKilled: false });
      const lines = (await collect(engine.containerLogs(id, {}))).map(({ stream, line }) => `${stream} ${line}`);
      expect(lines).to.have.members(['stdout out', 'stderr err']);
    });

    it('are found by name, listed by label when they are stopped too, and go', async () => {
      const { engine } = subject();
      const name = fresh('box');
      const id = await make('exit 0', () => 0, { name, labels: { ...CONTRACT, [name]: 'x' } });
      expect(await engine.container(name)).to.include({ id, name });
      expect((await engine.containers({ [name]: 'x' })).map((each) => each.id)).to.deep.equal([id]);
      await refusal(
        make('exit 0', () => 0, { name }),
        'ENGINE_NAME_TAKEN',
      );
      await engine.removeContainer(name);
      await engine.removeContainer(name);
      expect(await engine.container(id)).to.equal(undefined);
      expect(await engine.containers({ [name]: '' })).to.deep.equal([]);
    });

    it('need an image', async () => {
      await refusal(
        make('exit 0', () => 0, { image: `${fresh('none')}:1` }),
        'ENGINE_FAILED',
      );
    });

    it('are attached: input in, both outputs apart, end of input ends', async () => {
      const { engine } = subject();
      const script = 'cat; echo done >&2; exit 4';
      const id = await make(
        script,
        async (io) => {
          for (const line of (await text(io.stdin)).trimEnd().split('\n')) io.out(line);
          io.err('done');
          return 4;
        },
        { openStdin: true },
      );
      const { stdin, stdout, stderr, endInput } = await engine.attachContainer(id, { tty: false, stdin: true });
      const outputs = Promise.all([text(stdout), text(stderr)]);
      await engine.startContainer(id);
      stdin.write('hello\nwörld\n');
      endInput();
      expect(await engine.waitContainer(id)).to.equal(4);
      expect(await outputs).to.deep.equal(['hello\nwörld\n', 'done\n']);
    });

    it('are attached through a terminal', async () => {
      const { engine } = subject();
      const id = await make(
        'read line; echo "got $line"; exit 5',
        async (io) => {
          const [line] = await collect(io.stdin);
          io.out(`got ${String(line).trim()}`);
          return 5;
        },
        { openStdin: true, tty: true },
      );
      const { stdin, stdout, endInput } = await engine.attachContainer(id, { tty: true, stdin: true });
      const output = text(stdout);
      await engine.startContainer(id);
      await engine.resizeContainer(id, { columns: 80, rows: 24 });
      stdin.write('word\n');
      if (subject().image === 'fake') endInput();
      expect(await engine.waitContainer(id)).to.equal(5);
      expect(await output).to.contain('got word');
    });

    it('go on when an attachment is closed, whose outputs end', async () => {
      const { engine } = subject();
      for (const tty of [true, false]) {
        const id = await make(FOREVER, forever, { openStdin: true, tty });
        const { stdin, stdout, stderr, close } = await engine.attachContainer(id, { tty, stdin: true });
        await engine.startContainer(id);
        const outputs = Promise.all([text(stdout), text(stderr)]);
        close();
        expect(await outputs).to.deep.equal(['', '']);
        stdin.on('error', () => {}).write('late');
        expect((await engine.container(id))?.running).to.equal(true);
        await engine.removeContainer(id);
      }
    });

    it('are killed and stopped, when they have ended already too', async () => {
      const { engine } = subject();
      const id = await make(FOREVER, forever);
      await engine.startContainer(id);
      await engine.killContainer(id);
      expect(await engine.waitContainer(id)).to.equal(137);
      await engine.killContainer(id);
      await engine.stopContainer(id, 1);
      await engine.stopContainer('0'.repeat(64), 1);
      await engine.killContainer('0'.repeat(64));
    });

    it('can be given up waiting for', async () => {
      const { engine } = subject();
      const id = await make(FOREVER, forever);
      await engine.startContainer(id);
      const stop = new AbortController();
      const reason = new Error('enough');
      const waiting = engine.waitContainer(id, stop.signal);
      setTimeout(() => stop.abort(reason), 50);
      expect(await waiting.catch((error: unknown) => error)).to.equal(reason);
    });

    it('keep long lines whole and give the last lines', async () => {
      const { engine } = subject();
      const id = await make('echo first; head -c 40000 /dev/zero | tr "\\0" x; echo; echo last', (io) => {
        io.out('first');
        io.out('x'.repeat(40_000));
        io.out('last');
        return 0;
      });
      await engine.startContainer(id);
      await engine.waitContainer(id);
      const lines = (await collect(engine.containerLogs(id, { tail: 2 }))).map(({ line }) => line);
      expect(lines.at(-1)).to.equal('last');
      const all = (await collect(engine.containerLogs(id, {}))).map(({ line }) => line);
      expect(all.map((line) => line.length)).to.deep.equal([5, 40_000, 4]);
    });

    it('are followed until they end', async () => {
      const { engine } = subject();
      const id = await make('echo one; sleep 0.3; echo two', async (io) => {
        io.out('one');
        await new Promise((resolve) => setTimeout(resolve, 50));
        io.out('two');
        return 0;
      });
      await engine.startContainer(id);
      const lines = (await collect(engine.containerLogs(id, { follow: true }))).map(({ line }) => line);
      expect(lines).to.deep.equal(['one', 'two']);
    });

    it('take and give files', async () => {
      const { engine } = subject();
      const id = await make('exit 0', () => 0);
      await engine.putArchive(id, '/tmp', tarOf({ 'a.txt': 'A', 'dir/b.txt': 'B' }));
      expect(await untar(await engine.getArchive(id, '/tmp/a.txt'))).to.deep.equal({ 'a.txt': 'A' });
      expect(await untar(await engine.getArchive(id, '/tmp/dir'))).to.deep.include({ 'dir/b.txt': 'B' });
      await refusal(engine.getArchive(id, '/tmp/none'), 'ENGINE_FAILED');
      expect((await engine.container(id, { size: true }))?.writtenBytes).to.be.greaterThan(1);
      expect((await engine.container(id))?.writtenBytes).to.equal(undefined);
    });

    it('run further programs, whose input, outputs and end are their own', async () => {
      const { engine } = subject();
      const id = await make(FOREVER, forever, { env: { COLOR: 'red' } });
      await engine.startContainer(id);
      const script = 'cat; echo "$COLOR $SHAPE" >&2; exit 6';
      subject().teachProgram(script, async (io) => {
        for (const line of (await text(io.stdin)).trimEnd().split('\n')) io.out(line);
        io.err(`${reveal(io.spec.env['COLOR'] ?? '')} ${reveal(io.spec.env['SHAPE'] ?? '')}`);
        return 6;
      });
      const { id: exec, attachment } = await engine.exec(id, {
        command: ['sh', '-c', script],
        tty: false,
        env: { SHAPE: 'round' },
      });
      const outputs = Promise.all([text(attachment.stdout), text(attachment.stderr)]);
      expect(await engine.execResult(exec)).to.equal(undefined);
      attachment.stdin.write('hello\nwörld\n');
      attachment.endInput();
      expect(await outputs).to.deep.equal(['hello\nwörld\n', 'red round\n']);
      expect(await until('its end', async () => engine.execResult(exec))).to.equal(6);
      expect((await engine.container(id))?.running).to.equal(true);
    });

    it('run further programs in a terminal, which has a size', async () => {
      const { engine } = subject();
      const id = await make(FOREVER, forever);
      await engine.startContainer(id);
      const script = 'read line; echo "got $line"; stty size; exit 0';
      subject().teachProgram(script, async (io) => {
        const [line] = await collect(io.stdin);
        io.out(`got ${String(line).trim()}`);
        io.out('30 100');
        return 0;
      });
      const { id: exec, attachment } = await engine.exec(id, { command: ['sh', '-c', script], tty: true });
      const output = text(attachment.stdout);
      await engine.resizeExec(exec, { columns: 100, rows: 30 });
      attachment.stdin.write('word\n');
      if (subject().image === 'fake') attachment.endInput();
      expect(await output)
        .to.contain('got word')
        .and.to.contain('30 100');
      expect(await until('its end', async () => (await engine.execResult(exec)) === 0)).to.equal(true);
    });

    it('run further programs only while they run, and refuse what is none', async () => {
      const { engine } = subject();
      const id = await make('exit 0', () => 0);
      await engine.startContainer(id);
      await engine.waitContainer(id);
      await refusal(engine.exec(id, { command: ['true'], tty: false }), 'ENGINE_FAILED');
      await refusal(engine.exec('0'.repeat(64), { command: ['true'], tty: false }), 'ENGINE_FAILED');
    });

    it('tell what they take of processor and memory, while they run', async () => {
      const { engine } = subject();
      const id = await make('while :; do :; done', forever, { limits: { memoryBytes: 512_000_000, cpus: 0.5 } });
      expect(await engine.stats(id)).to.equal(undefined);
      await engine.startContainer(id);
      // Some kernels with cgroup v1 tell the engine nothing; test/engine/stats.test.ts has what others tell.
      const stats = await engine.stats(id);
      if (stats) expect(stats.memoryLimitBytes).to.be.greaterThan(400_000_000).and.lessThan(600_000_000);
      if (stats) expect(stats.memoryBytes).to.be.greaterThan(100_000).and.lessThan(100_000_000);
      await engine.removeContainer(id);
      expect(await engine.stats(id)).to.equal(undefined);
    });

    it('are given other limits, while they run too', async () => {
      const { engine } = subject();
      const id = await make(
        'sleep 60',
        ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(137))),
      );
      await engine.limitContainer(id, { pids: 100 });
      await engine.startContainer(id);
      await engine.limitContainer(id, { pids: 50 });
      await engine.removeContainer(id);
      await refusal(engine.limitContainer(id, { pids: 10 }), 'ENGINE_FAILED');
    });

    it('become images', async () => {
      const { engine } = subject();
      const id = await make('exit 0', () => 0);
      const tag = { repository: fresh('committed'), tag: 'v1' };
      const config = {
        entrypoint: ['/bin/x'],
        command: ['y'],
        user: '1000',
        labels: { made: 'here' },
        env: { PORT: '5000' },
      };
      const image = await engine.commitContainer(id, tag, config);
      const found = await engine.image(`${tag.repository}:v1`);
      expect(found).to.deep.include({ id: image, entrypoint: ['/bin/x'], command: ['y'], user: '1000' });
      expect(found?.labels).to.include({ made: 'here' });
      await engine.removeContainer(id);
      await engine.removeImage(`${tag.repository}:v1`);
      expect(await engine.image(image)).to.equal(undefined);
    });
  });

  describe('volumes', () => {
    it('are made once, listed by label, and go', async () => {
      const { engine } = subject();
      const name = fresh('vol');
      const labels = { ...CONTRACT, [name]: 'x' };
      await engine.createVolume({ name, labels });
      await engine.createVolume({ name, labels });
      expect(await engine.volumes({ [name]: 'x' })).to.deep.equal([{ name, labels }]);
      expect(await engine.volumes({ [name]: 'x' }, { sizes: true })).to.deep.equal([{ name, labels, sizeBytes: 0 }]);
      await engine.removeVolume(name);
      await engine.removeVolume(name);
      expect(await engine.volumes({ [name]: '' })).to.deep.equal([]);
    });
  });
}
