import { cp, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { ROOT } from '../fixtures/installation.ts';

/** The lines a reader is shown, without their prompt. */
async function session(): Promise<string[][]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, block = ''] = /```console\n([\s\S]*?)```/.exec(readme) ?? [];
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').split(' '));
}

describe("the README's session", function () {
  this.timeout(240_000);
  let machine: Cluster;
  before(async () => {
    machine = await cluster();
    // The session is a newcomer's: nothing has its app's name.
    await machine.mothership(['apps:destroy', '-a', 'hello', '--confirm', 'hello']);
  });

  it('works line by line, and its app answers meanwhile', async () => {
    const lines = await session();
    expect(lines.length).to.be.above(8);
    const folder = await mkdtemp(join(machine.home, 'readme-'));
    await cp(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
    let cwd = folder;
    for (const [program, ...argv] of lines) {
      if (program === 'cd') cwd = join(cwd, argv[0]!);
      else {
        expect(program).to.equal('mothership');
        await machine.ok(argv, { cwd });
      }
      if (argv[0] === 'deploy') expect((await machine.http('hello')).status).to.equal(200);
      if (argv[0] === 'domains:add') {
        expect((await machine.http('hello', '/', { headers: { host: argv[1]! } })).status).to.equal(200);
      }
    }
    expect((await machine.http('hello')).status).to.equal(404);
  });

  it('names only files and commands that exist', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path!);
    for (const path of links) await readFile(join(ROOT, path));
    const used = [
      ...readme.matchAll(/`(?:mothership )?((?:apps|ps|config|domains|cluster|releases|builds|tokens)(?::[a-z]+)+)/g),
    ].map(([, id]) => id!);
    expect(used.length).to.be.above(5);
    for (const id of new Set(used)) await machine.ok(['help', id]);
  });
});
