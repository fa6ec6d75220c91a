import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sourceScope } from '../../src/api/source-root.ts';
import { contentOf, readTar, type Header } from '../../src/archive/index.ts';
import { receiveSource } from '../../src/builds/source/receive-source.ts';
import { sourceDigest, type SourceFile } from '../../src/builds/source/source-digest.ts';
import { defaultSourceLimits } from '../../src/builds/source/source-limits.ts';
import { sourceTar } from '../../src/builds/source/source.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import { archiveOf } from './archive-of.ts';

type Files = Parameters<typeof archiveOf>[0];
const link = (linkname: string): Partial<Header> => ({ type: 'symlink', linkname });

describe('an app of a repository', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-test-rooted-'));
  });
  after(() => rm(folder, { recursive: true }));

  const scope = (watch: string[] = [], root = 'services/api') => sourceScope({ root, watch });
  const file = (): string => join(folder, 'app.tar');
  const receive = async (
    files: Files | Readable,
    layout = scope(),
    limits = defaultSourceLimits,
  ): Promise<readonly SourceFile[]> => {
    const archive = files instanceof Readable ? files : archiveOf(files);
    return (await receiveSource(readTar(archive, { gzip: true }), { file: file(), layout, limits })).files ?? [];
  };
  const digest = async (files: Files, layout = scope(['libs/shared'])): Promise<string> =>
    sourceDigest(await receive(files, layout), {});
  /** As a build unpacks it: contents and targets of links by path. */
  const unpacked = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for await (const entry of readTar(sourceTar({ file: file() }))) {
      const { name, type, linkname } = entry.header;
      const text = (await contentOf(entry, 1000)).toString();
      if (type !== 'directory') found[name] = type === 'file' ? text : `-> ${linkname}`;
    }
    return found;
  };
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => (isMothershipError(error) ? `${error.code} ${error.message}` : String(error)),
    );

  it('has its root as its folder, and nothing of the rest', async () => {
    const files = await receive({
      'package.json': 'top',
      'services/': { type: 'directory' },
      'services/api/': { type: 'directory' },
      'services/api/Procfile': 'web: a',
      'services/api/src/a.js': 'a',
      'services/api2/b.js': 'b',
      'services/web/c.js': 'c',
    });
    expect(await unpacked()).to.deep.equal({ Procfile: 'web: a', 'src/a.js': 'a' });
    expect(files.map(({ path }) => path)).to.deep.equal(['services/api/Procfile', 'services/api/src/a.js']);
  });

  it('has what it watches beside its root in a folder of its own, where links to it lead', async () => {
    await receive(
      {
        'services/api/index.js': 'i',
        'services/api/shared': link('../../libs/shared'),
        'services/api/lib/same': link('../index.js'),
        'libs/shared/s.js': 's',
        'libs/shared/up': link('../../services/api/index.js'),
        'libs/other/o.js': 'o',
        Makefile: 'm',
      },
      scope(['libs/shared', 'Makefile']),
    );
    expect(await unpacked()).to.deep.equal({
      'index.js': 'i',
      shared: '-> .repository/libs/shared',
      'lib/same': '-> ../index.js',
      '.repository/libs/shared/s.js': 's',
      '.repository/libs/shared/up': '-> ../../../index.js',
      '.repository/Makefile': 'm',
    });
  });

  it('with the top as its root keeps every path', async () => {
    await receive(
      { 'package.json': 'p', 'apps/web/a.js': 'a', 'apps/api/b.js': 'b', 'apps/web/p': link('../../package.json') },
      scope(['apps/web', 'package.json'], ''),
    );
    expect(await unpacked()).to.deep.equal({
      'package.json': 'p',
      'apps/web/a.js': 'a',
      'apps/web/p': '-> ../../package.json',
    });
  });

  for (const [what, files] of Object.entries<Files>({
    'is not there': { 'services/web/a.js': 'a' },
    'is a file': { 'services/api': 'a' },
    'is a link': { 'services/api': link('../elsewhere'), 'elsewhere/a.js': 'a' },
    'lies below a link': { services: link('other'), 'other/api/a.js': 'a' },
    'is empty': { 'services/api': { type: 'directory' }, 'a.js': 'a' },
  }))
    it(`is refused when its root ${what}`, async () =>
      expect(await refusal(receive(files))).to.match(/^SOURCE_ROOT_MISSING .*services\/api/));

  for (const [what, files] of Object.entries<Files>({
    'a path that leaves the repository': { 'services/api/../../../x': 'a' },
    'an absolute path': { '/services/api/a': 'a' },
    'a link out of the repository': { 'services/api/a': link('../../../etc/passwd') },
    'a device': { 'services/api/a': { type: 'character-device' } },
    'a hard link out of the repository': {
      'services/api/b': 'b',
      'services/api/a': { type: 'link', linkname: '../../../etc/passwd' },
    },
  }))
    it(`refuses ${what}`, async () => expect(await refusal(receive(files))).to.match(/^ARCHIVE_INVALID/));

  it('has links to absolute paths as they are written', async () => {
    await receive({ 'services/api/a.js': 'a', 'services/api/tmp': link('/tmp') });
    expect(await unpacked()).to.deep.equal({ 'a.js': 'a', tmp: '-> /tmp' });
  });

  it('has links as they are written, never beyond its folder by way of each other', async () => {
    const links = {
      'services/api/e': link('.'),
      'services/api/d': link('e/..'),
      'services/api/f': link('d/../../..'),
      'services/api/g': link('d/../../web/x'),
    };
    expect(await refusal(receive(links))).to.match(/^ARCHIVE_INVALID/);
    await receive({ 'services/api/a.js': 'a', ...links });
    expect(await unpacked()).to.deep.equal({
      'a.js': 'a',
      e: '-> .',
      d: '-> .',
      f: '-> .repository',
      g: '-> .repository/services/web/x',
    });
  });

  it('refuses what is no archive, is cut off, or too large', async () => {
    expect(await refusal(receive(Readable.from(['no tar'])))).to.match(/^ARCHIVE_INVALID/);
    expect(
      await refusal(
        receive({ 'services/api/a': 'a'.repeat(2000) }, scope(), { ...defaultSourceLimits, entries: 9, bytes: 1000 }),
      ),
    ).to.match(/^ARCHIVE_TOO_LARGE/);
    expect(
      await refusal(
        receive({ 'services/api/a': '', x: '', y: '' }, scope(), { ...defaultSourceLimits, entries: 2, bytes: 1000 }),
      ),
    ).to.match(/^ARCHIVE_TOO_LARGE/);
  });

  describe('its digest', () => {
    const files: Files = {
      'services/api/a.js': 'a',
      'services/api/run': { type: 'file', mode: 0o755 },
      'libs/shared/s.js': 's',
      'services/web/w.js': 'w',
    };

    it('stays when other files, times, owners, orders and folders differ', async () => {
      const others = {
        'README.md': 'new',
        ...Object.fromEntries(Object.entries(files).reverse()),
        'services/web/w.js': 'other',
        'services/api/empty': { type: 'directory' as const },
        'services/api/run': { type: 'file' as const, mode: 0o775, uid: 7, mtime: new Date(5) },
      };
      expect(await digest(others)).to.equal(await digest(files));
    });

    for (const [what, change] of Object.entries<Files>({
      "a file's content": { 'services/api/a.js': 'b' },
      'a file that is watched': { 'libs/shared/s.js': 'other' },
      'a new file': { 'services/api/new': '' },
      'whether a file can be run': { 'services/api/run': { type: 'file', mode: 0o644 } },
      "a link's target": { 'services/api/a.js': link('run') },
    }))
      it(`changes with ${what}`, async () =>
        expect(await digest({ ...files, ...change })).to.not.equal(await digest(files)));

    it('changes with a name that is gone, and with what else the build is made from', async () => {
      const { 'services/api/a.js': a, ...rest } = files;
      expect(await digest({ ...rest, 'services/api/b.js': a! })).to.not.equal(await digest(files));
      const all = await receive(files);
      expect(sourceDigest(all, { stack: 'a' })).to.not.equal(sourceDigest(all, { stack: 'b' }));
    });
  });
});
