import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

const LAUNCH = join(import.meta.dirname, '../../templates/images/stack-debian-13/run/launch');

/** A process of the launcher, which leads a process group that gets signals and ends with it, as in a container. */
class Launched {
  output = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(words: readonly string[], { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {}) {
    this.#child = spawn(LAUNCH, words, { detached: true, cwd, env: { PATH: process.env['PATH'], ...env } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#child.once('exit', () => this.signal('SIGKILL'));
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  saying(text: string): Promise<unknown> {
    return eventually(text, () => this.output.includes(text));
  }

  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.#child.pid!, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** What it said, once it has ended with this code. */
  async says(code: number): Promise<string> {
    expect(await this.ended, this.output).to.equal(code);
    return this.output;
  }
}

/** A server in Bash that needs a moment to stop. */
const SERVER =
  'trap "echo stopping; sleep 0.5; echo clean exit; exit 0" TERM; echo up; { while :; do sleep 0.05; done; } 2> /dev/null';

describe('the launcher of the run image', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-launch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  describe('after SIGTERM', () => {
    const stopped = async (line: string, code: number): Promise<string> => {
      const launched = new Launched([line], { cwd: folder });
      await launched.saying('up');
      launched.signal('SIGTERM');
      return launched.says(code);
    };

    it('waits for a program that ends when it wants, and tells its exit code', async () => {
      expect(await stopped(SERVER, 0)).to.equal('up\nstopping\nclean exit\n');
      expect(await stopped(SERVER.replace('exit 0', 'exit 3'), 3)).to.equal('up\nstopping\nclean exit\n');
    });

    it('waits for what a program that ended at once left behind', async () => {
      expect(await stopped(`(${SERVER}) & wait`, 143)).to.equal('up\nstopping\nclean exit\n');
      expect(await stopped(`bash -c '(${SERVER}) & wait' & wait`, 143)).to.equal('up\nstopping\nclean exit\n');
    });

    it('waits for the server that npm start started', async () => {
      await writeFile(join(folder, 'server.sh'), SERVER);
      await writeFile(join(folder, 'package.json'), '{"scripts":{"start":"bash server.sh"}}');
      const launched = new Launched(['npm start'], { cwd: folder, env: { HOME: folder } });
      await launched.saying('up');
      launched.signal('SIGTERM');
      await launched.ended;
      expect(launched.output).to.contain('stopping').and.contain('clean exit');
    }).timeout(20_000);

    it('waits for nothing else', async () => {
      expect(await stopped('setsid sleep 5 > /dev/null 2>&1 & echo up; exec sleep 60', 143)).to.equal('up\n');
    });
  });

  it('ends with its program while nobody stops it, whatever else runs, and with its exit code', async () => {
    expect(await new Launched(['sleep 5 & echo up; exit 7']).says(7)).to.equal('up\n');
    expect(await new Launched(['kill -KILL $$']).says(137)).to.equal('');
    expect(await new Launched(['kill -TERM $$']).says(143)).to.equal('');
  });

  it('leaves other signals to the program', async () => {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
      const launched = new Launched([`trap "echo got; exit 5" ${signal}; echo up; while :; do sleep 0.05; done`]);
      await launched.saying('up');
      launched.signal(signal);
      expect(await launched.says(5), signal).to.match(/^up\n(.*\n)*got\n$/);
    }
  });

  it('gives bash a line, and starts several words as they are, in the folder that the image says', async () => {
    const said = (...words: string[]): Promise<string> => new Launched(words, { cwd: folder }).says(0);
    expect(await said('echo $((1 + 1)) "$PWD"')).to.equal(`2 ${folder}\n`);
    expect(await said('-f () { echo dash; }; -f')).to.equal('dash\n');
    expect(await said('printf', '%s|', 'one arg', '$HOME', '', "it's")).to.equal("one arg|$HOME||it's|");
    expect(await said('/bin/sh', '-c', 'echo shell form $HOME')).to.equal('shell form /app\n');
    expect(await said('pwd')).to.equal(`${folder}\n`);
    expect(await new Launched(['no-such-program', 'x']).says(127)).to.contain('no-such-program: not found');
    expect(await new Launched([]).says(64)).to.contain('Nothing to run');
  });

  it('has input, and an environment in which no config var disturbs it', async () => {
    await writeFile(join(folder, 'env'), 'echo sourced; exit 9');
    const env = { BASH_ENV: join(folder, 'env'), SHELLOPTS: 'noexec', UID: '5', IFS: '0', PATH: '/nowhere', PS4: 'x' };
    const launched = new Launched(['/bin/sh', '-c', 'echo "$BASH_ENV $PATH"'], { env });
    expect(await launched.says(0)).to.equal(`${env.BASH_ENV} /nowhere\n`);
  });
});
