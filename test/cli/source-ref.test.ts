import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Io } from '../../src/cli/program/io.ts';
import { packGitRef } from '../../src/cli/source/git.ts';
import { untar } from './untar.ts';

const env = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'protocol.file.allow',
  GIT_CONFIG_VALUE_0: 'always',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};
const io = { env } as unknown as Io;

describe('the source of a commit', () => {
  let root: string;
  let app: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mothership-ref-'));
    app = join(root, 'app');
    for (const name of ['deep', 'part', 'app']) await repository(name);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const git = (folder: string, ...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { env, encoding: 'utf8' }).trim();
  const repository = async (name: string): Promise<void> => {
    await mkdir(join(root, name));
    git(join(root, name), 'init', '-q', '-b', 'main');
    await commit(join(root, name), { [`${name}.txt`]: 'one' });
  };
  const commit = async (folder: string, files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'x');
  };
  const addSubmodule = (folder: string, name: string, path: string): void => {
    git(folder, 'submodule', '--quiet', 'add', join(root, name), path);
    git(folder, 'commit', '-q', '-m', 'x');
  };
  const files = async (ref: string, folder = app): Promise<Record<string, string>> => {
    const entries = await untar(await buffer((await packGitRef(folder, ref, io)).gzipped()));
    return Object.fromEntries(entries.filter(({ type }) => type === 'file').map(({ name, text }) => [name, text]));
  };
  const refusal = (ref: string): Promise<unknown> =>
    files(ref).then(
      () => 'none',
      ({ code, message, suggestion }: { code: string; message: string; suggestion: string }) => ({
        code,
        message,
        suggestion,
      }),
    );

  it('has submodules, and theirs, at the commits that it records', async () => {
    addSubmodule(join(root, 'part'), 'deep', 'lib/deep');
    addSubmodule(app, 'part', 'vendor/part');
    git(app, 'submodule', '--quiet', 'update', '--init', '--recursive');
    git(app, 'tag', 'v1');
    const at = join(app, 'vendor/part');
    await commit(at, { 'part.txt': 'two' });
    await commit(app, { 'app.txt': 'two' });
    const v1 = await files('v1');
    expect(v1).to.deep.include({
      'app.txt': 'one',
      'vendor/part/part.txt': 'one',
      'vendor/part/lib/deep/deep.txt': 'one',
    });
    expect(await files('HEAD')).to.deep.include({ 'app.txt': 'two', 'vendor/part/part.txt': 'two' });
  });

  it('is refused without a submodule that is not checked out, or lacks the commit', async () => {
    addSubmodule(app, 'part', 'vendor/part');
    const recorded = git(app, 'rev-parse', 'HEAD:vendor/part');
    git(app, 'submodule', '--quiet', 'deinit', '--force', 'vendor/part');
    expect(await refusal('main')).to.deep.include({
      code: 'SUBMODULE_MISSING',
      message: `Cannot deploy "main": its submodule vendor/part is not here at commit ${recorded.slice(0, 12)}.`,
    });
    git(app, 'submodule', '--quiet', 'update', '--init');
    git(app, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/part`);
    git(app, 'commit', '-q', '-m', 'x');
    expect(await refusal('main')).to.have.property('code', 'SUBMODULE_MISSING');
  });

  it('does without a submodule that .slugignore names', async () => {
    addSubmodule(app, 'part', 'vendor/part');
    git(app, 'submodule', '--quiet', 'deinit', '--force', 'vendor/part');
    await commit(app, { '.slugignore': '/vendor\n' });
    expect(Object.keys(await files('main'))).to.have.members(['.gitmodules', '.slugignore', 'app.txt']);
  });

  it('is of a folder of the repository, with its submodules', async () => {
    addSubmodule(app, 'part', 'services/web/part');
    await commit(app, { 'services/web/a.txt': 'a' });
    expect(await files('HEAD', join(app, 'services/web'))).to.deep.equal({ 'a.txt': 'a', 'part/part.txt': 'one' });
  });

  it('is refused with a name that is not UTF-8, unless .slugignore names it', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${app}/lat`), Buffer.from([0xe9]), Buffer.from('in.txt')]), 'x');
    await commit(app, {});
    expect(await refusal('HEAD')).to.deep.include({
      code: 'SOURCE_NAME_INVALID',
      suggestion: 'Rename it, or exclude it with this line in .slugignore: lat*in.txt',
    });
    await commit(app, { '.slugignore': 'lat*in.txt\n' });
    expect(Object.keys(await files('HEAD'))).to.have.members(['.slugignore', 'app.txt']);
  });
});
