import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { listSource } from '../../src/cli/source/entries.ts';
import { packFolder } from '../../src/cli/source/pack.ts';
import { eventually } from '../eventually.ts';
import { untar } from './untar.ts';

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('source', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mothership source ☃ '));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const put = async (files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  const files = async (): Promise<string[]> =>
    (await listSource(root)).filter(({ type }) => type !== 'directory').map(({ path }) => path);

  it('distinguishes upper and lower case in ignore files, like git', async () => {
    await put({ '.gitignore': 'build/\n', '.slugignore': '*.PSD\n', 'build/x': '1', 'Build/x': '2', 'a.psd': '3' });
    expect(await files()).to.deep.equal(['.gitignore', '.slugignore', 'Build/x', 'a.psd']);
  });

  it('keeps names, modes, links, empty folders and empty files as they are', async () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(120)}`;
    await put({
      'a b/naïve ☃.txt': 'snow',
      'run.sh': '#!/bin/sh',
      empty: '',
      [long]: 'deep',
      'line\nbreak': 'odd',
      '-dash': 'x',
      'back\\slash': 'y',
      large: 'x'.repeat(3_000_000),
    });
    await mkdir(join(root, 'void'));
    await chmod(join(root, 'run.sh'), 0o755);
    await symlink('../outside', join(root, 'link'));
    const entries = await untar(await collect((await packFolder(root)).gzipped()));
    const by = Object.fromEntries(entries.map((entry) => [entry.name, entry]));
    expect(by['a b/naïve ☃.txt']!.text).to.equal('snow');
    expect(by[long]!.text).to.equal('deep');
    expect(by['line\nbreak']!.text).to.equal('odd');
    expect(by['-dash']!.text).to.equal('x');
    expect(by['back\\slash']!.text).to.equal('y');
    expect(by['empty']).to.include({ type: 'file', text: '' });
    expect(by['large']!.text).to.have.length(3_000_000);
    expect(by['void']!.type).to.equal('directory');
    expect(by['link']).to.include({ type: 'symlink', target: '../outside' });
    expect(by['run.sh']!.mode).to.equal(0o755);
  });

  it('is the same bytes each time', async () => {
    await put({ b: '1', a: '2', 'c/d': '3' });
    const [first, second] = [
      await collect((await packFolder(root)).gzipped()),
      await collect((await packFolder(root)).gzipped()),
    ];
    expect(first.equals(second)).to.equal(true);
  });

  it('leaves out what git would: nested files, negations, anchors, folders', async () => {
    await put({
      '.gitignore': 'node_modules\n/build\n*.log\n!important.log\n# comment\n\nsecrets/**/key\n',
      keep: '',
      'node_modules/a/index.js': '',
      'sub/node_modules/b': '',
      'build/out': '',
      'sub/build/out': '',
      'x.log': '',
      'important.log': '',
      'sub/.gitignore': '!y.log\n/only-here\n',
      'sub/y.log': '',
      'sub/only-here': '',
      'only-here': '',
      'secrets/a/b/key': '',
      'secrets/a/lock': '',
    });
    expect(await files()).to.deep.equal([
      '.gitignore',
      'important.log',
      'keep',
      'only-here',
      'secrets/a/lock',
      'sub/.gitignore',
      'sub/build/out',
      'sub/y.log',
    ]);
  });

  it('agrees with git itself', async () => {
    await put({
      '.gitignore': 'dist/\n*.tmp\n!keep.tmp\nlogs/*\n!logs/.keep\n/vendor/**\n\\#hash\nspace\\ \n',
      'dist/a': '',
      'a/dist/b': '',
      'dist.txt': '',
      'x.tmp': '',
      'keep.tmp': '',
      'logs/a': '',
      'logs/.keep': '',
      'vendor/a/b': '',
      'a/vendor/c': '',
      '#hash': '',
      'space ': '',
      'a/.gitignore': '*\n!.gitignore\n!vendor\n!vendor/c\n',
      'a/other': '',
      'b/.gitignore': 'sub/*.txt',
      'b/sub/x.txt': '',
      'b/sub/x.md': '',
    });
    execFileSync('git', ['init', '-q', root]);
    const git = execFileSync('git', ['-C', root, 'ls-files', '-z', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    })
      .split('\0')
      .filter(Boolean)
      .sort();
    expect((await files()).sort()).to.deep.equal(git);
  });

  it("honours .git/info/exclude and .slugignore, which git's files cannot undo", async () => {
    await put({
      '.git/info/exclude': 'local\n',
      '.slugignore': 'docs\n*.psd\n',
      '.gitignore': '!docs\n',
      local: '',
      'docs/a': '',
      'x.psd': '',
      b: '',
      'sub/.git/config': '',
      'sub/.slugignore': 'c',
      'sub/c': '',
    });
    expect(await files()).to.deep.equal(['.gitignore', '.slugignore', 'b', 'sub/.slugignore', 'sub/c']);
  });

  it('never holds .git, as a folder or as the file of a worktree, nor the tie to the app', async () => {
    await put({
      '.git': 'gitdir: /elsewhere',
      'lib/.git': 'gitdir: /elsewhere',
      '.mothership.json': '{}',
      'sub/.mothership.json': '{}',
      a: '',
    });
    expect(await files()).to.deep.equal(['a', 'sub/.mothership.json']);
  });

  it('leaves sockets and pipes out', async () => {
    await put({ a: '' });
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = createServer().listen(join(root, 'socket'));
    try {
      expect(await files()).to.deep.equal(['a']);
    } finally {
      server.close();
    }
  });

  it('does not follow links out of the folder, nor round in circles', async () => {
    await put({ 'a/b': '' });
    await symlink('..', join(root, 'a/up'));
    await symlink('/etc', join(root, 'etc'));
    expect((await listSource(root)).map(({ path, type }) => `${type} ${path}`)).to.deep.equal([
      'directory a',
      'file a/b',
      'symlink a/up',
      'symlink etc',
    ]);
  });

  it('is refused when there is nothing in it', async () => {
    await put({ '.git/config': '', '.mothership.json': '{}' });
    await mkdir(join(root, 'empty'));
    expect(await packFolder(root).catch((error: { code: string }) => error.code)).to.equal('FOLDER_EMPTY');
  });

  it('names a file that vanishes while it is sent', async () => {
    await put({ a: 'x'.repeat(5_000_000), b: 'y' });
    const stream = (await packFolder(root)).gzipped();
    await unlink(join(root, 'b'));
    expect(await collect(stream).catch((error: Error) => error.message)).to.match(/^Cannot read b: /);
  });

  it('can be put away unread, and tells a reader who comes late what failed', async () => {
    await put({ a: 'x'.repeat(5_000_000) });
    const left = await packFolder(root);
    left.gzipped().destroy();
    await put({ b: 'y' });
    const late = (await packFolder(root)).gzipped();
    await unlink(join(root, 'b'));
    await eventually('the failure', () => late.errored);
    expect(await collect(late).catch((error: Error) => error.message)).to.match(/^Cannot read b: /);
  });

  it('names a file whose name is not UTF-8, and leaves it out by the line that the error suggests', async () => {
    await put({ a: '' });
    await writeFile(Buffer.concat([Buffer.from(`${root}/lat`), Buffer.from([0xe9]), Buffer.from('in')]), 'x');
    const error = await packFolder(root).catch((refused: { message: string; suggestion: string }) => refused);
    expect(error)
      .to.have.property('message')
      .that.matches(/^Cannot deploy lat.in: the name is not valid UTF-8\.$/);
    const line = /\.slugignore: (.*)$/.exec((error as { suggestion: string }).suggestion)?.[1] ?? '';
    await put({ '.slugignore': `${line}\n` });
    expect(await files()).to.deep.equal(['.slugignore', 'a']);
  });

  it('names a link whose target is not UTF-8', async () => {
    await symlink(Buffer.from([0x66, 0xff]), join(root, 'l'));
    expect(await packFolder(root).catch((error: Error) => error.message)).to.equal(
      'Cannot deploy l: the target of the link is not valid UTF-8.',
    );
  });

  it('names a file that may not be read', async () => {
    await put({ secret: 'x' });
    await chmod(join(root, 'secret'), 0o000);
    await chmod(root, 0o755);
    const program = `import { packFolder } from ${JSON.stringify(new URL('../../src/cli/source/pack.ts', import.meta.url).href)};
      process.setuid?.(65534); packFolder(${JSON.stringify(root)}).then(() => console.log('packed'), (error) => console.log(error.message));`;
    const output = execFileSync(
      process.execPath,
      [
        '--import=tsx',
        '--input-type=module',
        '-e',
        process.getuid?.() === 0 ? program : program.replace('process.setuid?.(65534);', ''),
      ],
      { encoding: 'utf8' },
    );
    expect(output.trim()).to.equal('Cannot read secret: permission denied.');
  });
});
