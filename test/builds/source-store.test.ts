import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink, writeFile, mkdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { defaultSourceLimits, within } from '../../src/builds/source/source-limits.ts';
import { SourceStore, type SourceStoreOptions } from '../../src/builds/source/source-store.ts';
import { packFolder } from '../../src/cli/source/pack.ts';
import { packGzip, packTar } from '../../src/archive/index.ts';
import { Contents } from '../../src/cli/source/send-source.ts';
import { systemClock } from '../../src/events/index.ts';
import { archiveOf } from './archive-of.ts';

const LIMITS = { ...defaultSourceLimits, entries: 20, bytes: 10_000 };
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const rejection = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('the contents of sources', () => {
  let root: string;
  let store: SourceStore;
  const storeWith = (options: Partial<SourceStoreOptions> = {}): SourceStore =>
    new SourceStore({ folder: join(root, 'store'), clock: systemClock, limits: LIMITS, ...options });
  const put = async (files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, 'app', path, '..'), { recursive: true });
      await writeFile(join(root, 'app', path), text);
    }
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mothership-test-'));
    await put({ 'a.js': 'one', 'lib/b.js': 'two', 'lib/same.js': 'two', empty: '' });
    await symlink('a.js', join(root, 'app/link'));
    store = storeWith();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** As the command line sends a folder; answers what was sent and what came of it. */
  async function send(
    app = 'shop',
    at = store,
  ): Promise<{ missing: readonly string[]; sent: Buffer; whole: Buffer; plain: Buffer }> {
    const archive = await packFolder(join(root, 'app'));
    const contents = new Contents(archive);
    const { source, missing } = await at.offer(app, packGzip(contents.manifest()));
    const sent = await buffer(packGzip(contents.only(missing)));
    const whole = await buffer(packTar(await at.whole(app, source, Readable.from([sent]))));
    return { missing, sent, whole, plain: await buffer(archive.tar()) };
  }

  it('come once each, and make the archive that was not sent', async () => {
    const { missing, whole, plain } = await send();
    expect(missing).to.have.members(['one', 'two', ''].map(digestOf));
    expect(whole.equals(plain)).to.equal(true);
  });

  it('are not asked for again: of a deploy after it only what has changed is sent', async () => {
    await send();
    await put({ 'a.js': 'another' });
    const { missing, whole, plain } = await send();
    expect(missing).to.deep.equal([digestOf('another')]);
    expect(whole.equals(plain)).to.equal(true);
    expect((await send()).missing).to.deep.equal([]);
  });

  it('are still there for the next controller, and only those of the last source', async () => {
    await send();
    await put({ 'a.js': 'another' });
    await send();
    expect((await send('shop', storeWith())).missing).to.deep.equal([]);
    expect((await readdir(join(root, 'store/shop'))).filter((name) => !name.endsWith('.entries'))).to.have.members(
      ['another', 'two', ''].map(digestOf),
    );
  });

  it('are of one app: another does not learn that they are there', async () => {
    await send();
    expect((await send('other')).missing).to.have.lengthOf(3);
    await store.forget('other');
    expect(await readdir(join(root, 'store'))).to.deep.equal(['shop']);
  });

  it('make room for those of apps that deployed later', async () => {
    await send('first');
    const small = storeWith({ limitBytes: 100 });
    await send('second', small);
    expect(await readdir(join(root, 'store'))).to.deep.equal(['second']);
  });

  it('that were forgotten meanwhile are missed', async () => {
    const archive = await packFolder(join(root, 'app'));
    const { source } = await store.offer('shop', packGzip(new Contents(archive).manifest()));
    expect(await rejection(store.whole('shop', source, archiveOf({})))).to.match(/^SOURCE_INCOMPLETE/);
    await store.forget('shop');
    expect(await rejection(store.whole('shop', source, archiveOf({})))).to.match(/^SOURCE_INCOMPLETE/);
  });

  for (const [what, manifest, why] of [
    ['no digests', { a: 'not a digest' }, 'without a digest'],
    ['digests with more behind', { a: `${'0'.repeat(64)}/../../etc/passwd` }, 'without a digest'],
    [
      'too many files',
      Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`f${n}`, digestOf('x')])),
      'more than 20 files',
    ],
  ] as const) {
    it(`are not taken by a manifest that has ${what}`, async () => {
      expect(await rejection(store.offer('shop', archiveOf(manifest)))).to.contain(why);
      expect(await readdir(join(root, 'store/shop'))).to.deep.equal([]);
    });
  }

  it('are not taken by a manifest that is no archive', async () => {
    expect(await rejection(store.offer('shop', Readable.from([Buffer.from('{}')])))).to.match(/^ARCHIVE_INVALID/);
    expect(await rejection(store.offer('shop', Readable.from([gzipSync(Buffer.alloc(2000, 'x'))])))).to.match(
      /^ARCHIVE_INVALID/,
    );
  });

  it('are refused when they are not what their digests say, or not asked for', async () => {
    const { source } = await store.offer('shop', archiveOf({ a: digestOf('right') }));
    expect(await rejection(store.whole('shop', source, archiveOf({ [digestOf('right')]: 'wrong' })))).to.match(
      /^ARCHIVE_INVALID.*does not match its digest/,
    );
    expect(await rejection(store.whole('shop', source, archiveOf({ [digestOf('more')]: 'more' })))).to.match(
      /^ARCHIVE_INVALID.*does not list/,
    );
    expect(await rejection(store.whole('shop', source, archiveOf({ '../../x': 'x' })))).to.match(
      /^ARCHIVE_INVALID.*does not list/,
    );
    expect((await readdir(join(root, 'store/shop'))).every((name) => name.endsWith('.entries'))).to.equal(true);
  });

  it('are not kept of an upload that breaks off', async () => {
    const { source } = await store.offer('shop', archiveOf({ a: digestOf('right'), b: digestOf('more') }));
    const broken = archiveOf({ [digestOf('right')]: 'right', [digestOf('more')]: 'wrong' });
    expect(await rejection(store.whole('shop', source, broken))).to.match(/^ARCHIVE_INVALID/);
    expect((await readdir(join(root, 'store/shop'))).every((name) => name.endsWith('.entries'))).to.equal(true);
  });

  it('do not grow beyond the limit of a source, sent or repeated', async () => {
    const large = 'x'.repeat(6000);
    const { source } = await store.offer('shop', archiveOf({ a: digestOf(large), b: digestOf(large) }));
    const whole = await store.whole('shop', source, archiveOf({ [digestOf(large)]: large }));
    expect(await rejection(buffer(packTar(within(LIMITS, whole))))).to.match(/^ARCHIVE_TOO_LARGE/);
    const other = 'y'.repeat(10_001);
    const { source: second } = await store.offer('shop', archiveOf({ a: digestOf(other) }));
    expect(await rejection(store.whole('shop', second, archiveOf({ [digestOf(other)]: other })))).to.match(
      /^ARCHIVE_TOO_LARGE/,
    );
  });

  it('that never come leave few manifests behind', async () => {
    for (let n = 0; n < 12; n += 1) await store.offer('shop', archiveOf({ a: digestOf(`${n}`) }));
    expect(await readdir(join(root, 'store/shop'))).to.have.lengthOf(8);
  });

  it('lose drafts that an ended thread left, a day later', async () => {
    await mkdir(join(root, 'store/shop'), { recursive: true });
    const drafts = ['old.part', 'young.part'].map((name) => join(root, 'store/shop', name));
    for (const draft of drafts) await writeFile(draft, 'x');
    await utimes(drafts[0]!, 0, 0);
    await store.offer('shop', archiveOf({ a: digestOf('x') }));
    expect((await readdir(join(root, 'store/shop'))).filter((name) => name.endsWith('.part'))).to.deep.equal([
      'young.part',
    ]);
  });
});
