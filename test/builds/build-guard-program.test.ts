import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, '../../templates/images/stack-debian-13/build/build-guard');

describe('the program build-guard', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'build-guard-'));
    file = join(folder, 'cpumask');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const mask = async (): Promise<string> => (await readFile(file, 'utf8')).trim();
  const until = async (wanted: string): Promise<void> => {
    while ((await mask()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  for (const [before, meanwhile] of [
    ['3', '2'],
    ['f', 'e'],
    ['ffffffff,ffffffff', 'ffffffff,fffffffe'],
  ] as const) {
    it(`makes ${meanwhile} of ${before} while it runs, and gives back what it took`, async () => {
      await writeFile(file, `${before}\n`);
      const child = spawn(PROGRAM, [folder, file]);
      await until(meanwhile);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).to.deep.equal([0, null]);
      expect(await mask()).to.equal(before);
    });
  }

  it('gives nothing back that it did not take', async () => {
    await writeFile(file, 'c\n');
    const child = spawn(PROGRAM, [folder, file]);
    await heeding(child.pid!);
    await writeFile(file, '4\n');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    expect(await mask()).to.equal('4');
  });

  it('gives back when nobody holds its input any more', async () => {
    await writeFile(file, '3\n');
    const child = spawn(PROGRAM, [folder, file]);
    await until('2');
    child.stdin.end();
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    expect(await mask()).to.equal('3');
  });

  it('says again and again what is on the volumes asked for last', async () => {
    for (const [volume, kb] of [
      ['one', 100],
      ['other', 300],
    ] as const) {
      await mkdir(join(folder, volume, '_data'), { recursive: true });
      await writeFile(join(folder, volume, '_data', 'file'), Buffer.alloc(kb * 1024, 1));
    }
    const child = spawn(PROGRAM, [folder]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<[number, string]> => {
      const [kb, path] = ((await lines.next()).value as string).split('\t');
      return [Number(kb), path!.slice(folder.length)];
    };
    child.stdin.write('one gone other\n');
    const [first, second] = [await next(), await next()];
    expect([first[1], second[1]]).to.deep.equal(['/one/_data', '/other/_data']);
    expect(first[0]).to.be.within(100, 120);
    expect(second[0]).to.be.within(300, 320);
    child.stdin.write('other\n');
    expect((await next())[1]).to.equal('/other/_data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  }).timeout(10_000);

  it('has something wake on each processor, before all others, where that is allowed; and ends it', async () => {
    const allowed = spawnSync('chrt', ['--fifo', '1', 'true']).status === 0;
    const child = spawn(PROGRAM, [folder]);
    const wakers = async (): Promise<number[]> => {
      const children = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
        .split(' ')
        .filter(Boolean)
        .map(Number);
      const names = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
      return children.filter((_pid, n) => names[n] === 'perl\n');
    };
    const wanted = allowed ? availableParallelism() : 0;
    await heeding(child.pid!);
    while ((await wakers()).length < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
    const found = await wakers();
    const statuses = await Promise.all(found.map((pid) => readFile(`/proc/${pid}/status`, 'utf8')));
    expect(new Set(statuses.map((status) => /^Cpus_allowed_list:\s*(\d+)$/m.exec(status)?.[1])).size).to.equal(wanted);
    for (const pid of found)
      expect(spawnSync('chrt', ['--pid', String(pid)], { encoding: 'utf8' }).stdout).to.contain('SCHED_FIFO');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    while (
      (
        await Promise.all(
          found.map((pid) =>
            access(`/proc/${pid}`).then(
              () => true,
              () => false,
            ),
          ),
        )
      ).includes(true)
    )
      await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('stays and does nothing on a kernel that has no such file', async () => {
    const child = spawn(PROGRAM, [folder, join(folder, 'none')]);
    await heeding(child.pid!);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  });
});

/** Resolves when the process catches SIGTERM; proc_pid_status(5). */
async function heeding(pid: number): Promise<void> {
  const caught = async (): Promise<bigint> =>
    BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]}`);
  while ((((await caught()) >> 14n) & 1n) === 0n) await new Promise((resolve) => setTimeout(resolve, 10));
}
