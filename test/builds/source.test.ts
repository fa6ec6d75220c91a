import { expect } from 'chai';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { contentOf, readTar, type Header } from '../../src/archive/index.ts';
import { defaultSourceLimits } from '../../src/builds/source/source-limits.ts';
import { receiveSource } from '../../src/builds/source/receive-source.ts';
import { sourceTar, type Source } from '../../src/builds/source/source.ts';
import { fail, isMothershipError } from '../../src/errors/index.ts';
import { archiveOf } from './archive-of.ts';
import { strangeSize, tarHeader } from './raw-tar.ts';

type Files = Parameters<typeof archiveOf>[0];
const link = (linkname: string): Partial<Header> => ({ type: 'symlink', linkname });

async function entries(
  tar: Readable,
): Promise<Record<string, Pick<Header, 'type' | 'mode' | 'uid' | 'linkname'> & { text: string }>> {
  const found: Awaited<ReturnType<typeof entries>> = {};
  for await (const entry of readTar(tar)) {
    const { name, type, mode, uid, linkname } = entry.header;
    found[name.replace(/\/$/, '')] = { type, mode, uid, linkname, text: (await contentOf(entry, 1000)).toString() };
  }
  return found;
}

describe('the source of a build', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-test-source-'));
  });
  after(() => rm(folder, { recursive: true }));

  const file = (): string => join(folder, 'source.tar');
  const receive = (archive: Readable, limits = defaultSourceLimits): Promise<Source> =>
    receiveSource(readTar(archive, { gzip: true }), { file: file(), limits });
  const refusal = async (archive: Readable, limits = defaultSourceLimits): Promise<string> => {
    const error: unknown = await receive(archive, limits).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return isMothershipError(error) ? `${error.code}: ${error.message}` : `not refused: ${String(error)}`;
  };

  it('comes out as it went in, owned by the app', async () => {
    const source = await receive(archiveOf({ './Procfile': 'web: a', 'lib/b.js': 'b', 'lib/b': link('../lib/b.js') }));
    expect(source.root).to.deep.equal(['Procfile', 'lib']);
    expect(source.texts.get('Procfile')).to.equal('web: a');
    const all = await entries(sourceTar(source));
    expect(Object.keys(all)).to.deep.equal(['Procfile', 'lib', 'lib/b.js', 'lib/b']);
    expect(all['lib/b.js']).to.deep.include({ type: 'file', mode: 0o644, uid: 1000, text: 'b' });
    expect(all['lib']).to.deep.include({ type: 'directory', mode: 0o755, uid: 1000 });
    expect(all['lib/b']).to.deep.include({ type: 'symlink', linkname: '../lib/b.js' });
  });

  it('keeps paths with spaces and unicode, long ones too', async () => {
    const long = `${'long folder/'.repeat(20)}ü.txt`;
    const source = await receive(archiveOf({ 'a b/ß 東京.txt': 'x', [long]: 'y' }));
    expect(await entries(sourceTar(source))).to.include.keys('a b/ß 東京.txt', long);
  });

  it('loses setuid and sticky bits, other owners and .git', async () => {
    const source = await receive(
      archiveOf({
        tool: { type: 'file', mode: 0o6755, uid: 0, gid: 0 },
        tmp: { type: 'directory', mode: 0o1777 },
        closed: { type: 'file', mode: 0o050 },
        '.git/config': 'secret',
        '.git': { type: 'directory' },
        '.gitignore': 'x',
      }),
    );
    const all = await entries(sourceTar(source));
    expect(all['tool']).to.deep.include({ mode: 0o755, uid: 1000 });
    expect(all['tmp']).to.deep.include({ mode: 0o777 });
    expect(all['closed']).to.deep.include({ mode: 0o650 });
    expect(Object.keys(all)).to.have.members(['tool', 'tmp', 'closed', '.gitignore']);
  });

  it('can be given gaps', async () => {
    const source = await receive(archiveOf({ a: 'a', hard: { type: 'link', linkname: 'a' }, 'docs/b': 'b' }));
    const all = await entries(sourceTar(source, (path) => path.startsWith('docs')));
    expect(Object.keys(all)).to.deep.equal(['a', 'hard']);
    expect(all['hard']).to.deep.include({ type: 'link', linkname: 'a' });
  });

  const hostile: [string, Files, RegExp][] = [
    ['a path with ..', { a: 'x', '../evil': 'x' }, /"\.\.\/evil" points outside the app's folder/],
    ['a path with .. in the middle', { 'a/../../evil': 'x' }, /points outside the app's folder/],
    ['an absolute path', { '/etc/passwd': 'x' }, /absolute path/],
    ['a link with a target that is too long', { a: 'x', l: link('x/'.repeat(600)) }, /too long/],
    ['a file below a link to an absolute path', { d: link('/tmp'), 'd/x': 'x' }, /"d\/x" is inside "d"/],
    ['a link to an absolute path in place of a folder', { 'd/x': 'x', d: link('/tmp') }, /"d" appears twice/],
    [
      'a hard link to a link to an absolute path',
      { a: 'x', s: link('/etc/passwd'), l: { type: 'link', linkname: 's' } },
      /points to a file that does not precede it/,
    ],
    ['a hard link to an absolute path', { a: 'x', l: { type: 'link', linkname: '/etc/passwd' } }, /absolute path/],
    ['a link out', { a: 'x', 'd/l': link('../../etc') }, /the link "d\/l" to "\.\.\/\.\.\/etc" points outside/],
    [
      'links that lead out together',
      { a: 'x', 'd/e/here': link('../..'), out: link('d/e/here/../secret') },
      /the link "out" to/,
    ],
    [
      'links that lead out, the second first',
      { a: 'x', out: link('d/e/here/..'), 'd/e/here': link('../..') },
      /the link "out" to/,
    ],
    ['a file below a link', { d: link('e'), 'd/x': 'x' }, /"d\/x" is inside "d", which is not a folder/],
    ['a file below a file', { d: 'x', 'd/x': 'x' }, /is inside/],
    ['a link in place of a folder', { 'd/x': 'x', d: link('.') }, /"d" appears twice/],
    ['a file twice', { a: 'x', './a': 'y' }, /"a" appears twice/],
    [
      'a hard link to nothing',
      { a: 'x', l: { type: 'link', linkname: 'missing' } },
      /points to a file that does not precede it/,
    ],
    [
      'a hard link to a link',
      { s: link('a'), a: 'x', l: { type: 'link', linkname: 's' } },
      /points to a file that does not precede it/,
    ],
    [
      'a hard link out',
      { a: 'x', l: { type: 'link', linkname: '../../etc/passwd' } },
      /points outside the app's folder/,
    ],
    [
      'a device',
      { a: 'x', null: { type: 'character-device', devmajor: 1, devminor: 3 } },
      /"null" is a character-device/,
    ],
    ['a pipe', { a: 'x', p: { type: 'fifo' } }, /"p" is a fifo/],
    ['a name that is too long', { ['x'.repeat(300)]: 'x' }, /is too long/],
    ['a path that is too long', { ['x/'.repeat(600) + 'y']: 'x' }, /is too long/],
    ['itself as a link', { '.': link('..'), a: 'x' }, /the folder itself is not a folder/],
    ['no files', { d: { type: 'directory' } }, /contains no files/],
    ['a path with NUL', { b: { type: 'file', pax: { path: 'a\0b' } } }, /"a\\u0000b" contains a NUL character/],
    [
      'a link to a path with NUL',
      { l: { ...link('a'), pax: { linkpath: 'a\0b' } } },
      /target of the link "l" contains a NUL/,
    ],
    [
      'a sparse file as POSIX writes it',
      { s: { type: 'file', pax: { 'GNU.sparse.major': '1' } } },
      /"s" is a sparse file/,
    ],
  ];
  for (const [what, files, message] of hostile) {
    it(`must not have ${what}`, async () => {
      expect(await refusal(archiveOf(files)))
        .to.match(/^ARCHIVE_INVALID/)
        .and.match(message);
    });
  }

  for (const [what, header, message] of [
    ['a sparse file as GNU writes it', tarHeader('s', { type: 'S' }), /"s" is a sparse file or of an unknown type/],
    ['a size that is no number', tarHeader('a', { size: strangeSize }), /not a readable tar/],
  ] as const) {
    it(`must not have ${what}`, async () => {
      const archive = gzipSync(Buffer.concat([header, Buffer.alloc(1024)]));
      expect(await refusal(Readable.from([archive])))
        .to.match(/^ARCHIVE_INVALID/)
        .and.match(message);
    });
  }

  it('may have a link to nothing and one to itself', async () => {
    const source = await receive(archiveOf({ a: 'x', gone: link('nowhere/at/all'), loop: link('loop') }));
    expect(Object.keys(await entries(sourceTar(source)))).to.deep.equal(['a', 'gone', 'loop']);
  });

  it('may have links to absolute paths, which are in its container, and links through them', async () => {
    const links = { up: link('/tmp/uploads'), 'd/hosts': link('/etc/hosts'), through: link('up/../x'), top: link('/') };
    const source = await receive(archiveOf({ a: 'x', ...links }));
    const all = await entries(sourceTar(source));
    for (const [path, { linkname }] of Object.entries(links))
      expect(all[path]).to.deep.include({ type: 'symlink', linkname });
  });

  it('must not have too many files or too large ones', async () => {
    const files = { a: 'x'.repeat(600), b: 'x'.repeat(600) };
    expect(await refusal(archiveOf(files), { ...defaultSourceLimits, entries: 1, bytes: 10_000 })).to.match(
      /^ARCHIVE_TOO_LARGE.*more than 1 file\.$/,
    );
    expect(await refusal(archiveOf(files), { ...defaultSourceLimits, entries: 10, bytes: 1000 })).to.match(
      /^ARCHIVE_TOO_LARGE/,
    );
  });

  it('is given up early when it unpacks to far more than it is', async () => {
    const bomb = archiveOf({ zeros: '\0'.repeat(60_000_000) });
    expect(await refusal(bomb, { ...defaultSourceLimits, entries: 10, bytes: 10_000_000 })).to.match(
      /^ARCHIVE_TOO_LARGE.*it unpacks to more than 10 MB/,
    );
    expect((await stat(file())).size).to.be.lessThan(10_000_000);
  });

  it('must be a whole gzipped tar', async () => {
    const whole = await buffer(archiveOf({ a: 'x'.repeat(5000), b: 'y' }));
    const cut = await refusal(Readable.from([whole.subarray(0, whole.length / 2)]));
    expect(cut)
      .to.match(/^ARCHIVE_INVALID/)
      .and.match(/not a complete gzipped tar/);
    expect(await refusal(Readable.from([Buffer.from('hello')]))).to.match(/not a complete gzipped tar/);
    expect(await refusal(Readable.from([]))).to.match(/^ARCHIVE_INVALID/);
  });

  it('stops when its upload breaks off, for the reason of that', async () => {
    const part = (await buffer(archiveOf({ a: 'x' }))).subarray(0, 20);
    const upload = Readable.from(
      (async function* () {
        yield part;
        throw fail('UPLOAD_INCOMPLETE', { received: 20 });
      })(),
    );
    expect(await refusal(upload)).to.match(/^UPLOAD_INCOMPLETE/);
    expect(upload.destroyed).to.equal(true);
  });

  it('ends the upload when it is refused', async () => {
    const upload = archiveOf({
      '/etc/passwd': 'x',
      ...Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`f${n}`, 'x'])),
    });
    expect(await refusal(upload)).to.match(/^ARCHIVE_INVALID/);
    expect(upload.destroyed).to.equal(true);
  });
});
