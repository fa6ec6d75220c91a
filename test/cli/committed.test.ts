import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Committed } from '../../src/cli/source/committed.ts';
import { listSource, type SourceEntry } from '../../src/cli/source/entries.ts';
import { packFolder } from '../../src/cli/source/pack.ts';

const AUTHOR = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@localhost',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@localhost',
};
const COMMITTED_AT = '2026-03-04T05:06:07.000Z';
const io = { env: process.env };

describe('source of a commit', () => {
  let folder: string;
  let first: string;

  const git = (at: string, ...args: string[]): string =>
    execFileSync('git', ['-C', at, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...AUTHOR, GIT_COMMITTER_DATE: COMMITTED_AT },
    });
  const packed = async (at: string): Promise<Buffer> =>
    buffer((await packFolder(at, { committed: await Committed.in(at, io) })).tar());
  const entry = async (path: string): Promise<SourceEntry> => {
    const committed = await Committed.in(first, io);
    const found = (await listSource(first)).find((candidate) => candidate.path === path)!;
    return committed!.settle(found);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-commit-'));
    first = join(folder, 'first');
    await mkdir(join(first, 'bin'), { recursive: true });
    await writeFile(join(first, 'bin/naïve ☃'), '#!/bin/sh\n');
    await chmod(join(first, 'bin/naïve ☃'), 0o755);
    await writeFile(join(first, 'server.js'), 'one');
    git(first, 'init', '-q');
    git(first, 'add', '.');
    git(first, 'commit', '-qm', 'one');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is the same bytes from every checkout, whatever its times and its umask', async () => {
    const second = join(folder, 'second');
    execFileSync('sh', ['-c', 'umask 077; git clone -q "$1" "$2"', 'sh', first, second]);
    await utimes(join(second, 'server.js'), new Date(0), new Date(0));
    expect((await packed(second)).equals(await packed(first))).to.equal(true);
  });

  it("has the commit's time and git's modes", async () => {
    expect((await entry('server.js')).modified.toISOString()).to.equal(COMMITTED_AT);
    expect((await entry('server.js')).mode).to.equal(0o644);
    expect((await entry('bin/naïve ☃')).mode).to.equal(0o755);
    expect((await entry('bin')).modified.toISOString()).to.equal(COMMITTED_AT);
  });

  it('is given as it is where it differs from the commit: changed, staged, new', async () => {
    await writeFile(join(first, 'server.js'), 'two');
    await writeFile(join(first, 'staged'), '');
    git(first, 'add', 'staged');
    await mkdir(join(first, 'fresh'));
    await writeFile(join(first, 'fresh/new'), '', { mode: 0o600 });
    for (const path of ['server.js', 'staged', 'fresh/new'])
      await utimes(join(first, path), new Date(1000), new Date(1000));
    for (const path of ['server.js', 'staged', 'fresh/new'])
      expect((await entry(path)).modified.getTime(), path).to.equal(1000);
    expect((await entry('fresh/new')).mode).to.equal(0o600);
    expect((await entry('bin/naïve ☃')).modified.toISOString()).to.equal(COMMITTED_AT);
  });

  it('is known in a folder of the repository too', async () => {
    const committed = await Committed.in(join(first, 'bin'), io);
    const [script] = await listSource(join(first, 'bin'));
    expect(committed!.settle(script!).modified.toISOString()).to.equal(COMMITTED_AT);
  });

  it("is nobody's outside of a repository, before its first commit and without git", async () => {
    const bare = join(folder, 'bare');
    await mkdir(bare);
    expect(await Committed.in(bare, io)).to.equal(undefined);
    git(bare, 'init', '-q');
    expect(await Committed.in(bare, io)).to.equal(undefined);
    expect(await Committed.in(first, { env: { PATH: '/nowhere' } })).to.equal(undefined);
  });
});
