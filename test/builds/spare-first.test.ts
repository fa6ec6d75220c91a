import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../../templates/images/stack-debian-13/build/spare-first');

describe('spare-first', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spare-first-'));
    file = join(folder, 'cpumask');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const mask = async (): Promise<string> => (await readFile(file, 'utf8')).trim();
  const until = async (wanted: string): Promise<void> => {
    while (await mask() !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  for (const [before, meanwhile] of [['3', '2'], ['f', 'e'], ['ffffffff,ffffffff', 'ffffffff,fffffffe']] as const) {
    it(`makes ${meanwhile} of ${before} while it runs, and gives back what it took`, async () => {
      await writeFile(file, `${before}\n`);
      const child = spawn(PROGRAM, [file]);
      await until(meanwhile);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).to.deep.equal([0, null]);
      expect(await mask()).to.equal(before);
    });
  }

  it('gives nothing back that it did not take', async () => {
    await writeFile(file, 'c\n');
    const child = spawn(PROGRAM, [file]);
    await heeding(child.pid!);
    await writeFile(file, '4\n');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    expect(await mask()).to.equal('4');
  });

  it('stays and does nothing on a kernel that has no such file', async () => {
    const child = spawn(PROGRAM, [join(folder, 'none')]);
    await heeding(child.pid!);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  });
});

/** Resolves when the process waits in its last line: it has a child, and catches SIGTERM. */
async function heeding(pid: number): Promise<void> {
  while ((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')) === '') await new Promise((resolve) => setTimeout(resolve, 10));
}
