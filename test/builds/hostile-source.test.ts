import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Header } from '../../src/archive/index.ts';
import { sourceScope } from '../../src/api/source-root.ts';
import { declaredArgs } from '../../src/builds/dockerfile/dockerfile.ts';
import { dockerIgnore, slugIgnore } from '../../src/builds/source/ignore-file.ts';
import { receiveSource } from '../../src/builds/source/receive-source.ts';
import { SourceRoot } from '../../src/builds/source/source-root.ts';
import { defaultSourceLimits, unpackSource } from '../../src/builds/source/source-limits.ts';
import { SourceStore } from '../../src/builds/source/source-store.ts';
import { systemClock } from '../../src/events/index.ts';
import { cpuOf } from '../thread-cpu.ts';
import { archiveOf } from './archive-of.ts';
import { tarHeader } from './raw-tar.ts';

const link = (linkname: string): Partial<Header> => ({ type: 'symlink', linkname });
const numbered = <T>(count: number, entry: (n: number) => [string, T]): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => entry(n)));

describe('a source that is made to be expensive', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-test-'));
  });
  after(() => rm(folder, { recursive: true }));

  const receive = (archive: Readable, limits = defaultSourceLimits): Promise<string> =>
    receiveSource(unpackSource(archive, limits), { file: join(folder, 'source.tar'), limits }).then(
      () => 'received',
      (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
    );

  it('is refused for folders in folders, of which each entry makes hundreds', async () => {
    const deep = archiveOf(numbered(70, (n) => [`${`${n}/`.repeat(300)}x`, 'x']));
    expect(await receive(deep)).to.match(/^ARCHIVE_INVALID.*more than 128 folders deep/);
  });

  it('counts the folders that only its paths name', async () => {
    const wide = archiveOf(numbered(10, (n) => [`${`${n}/`.repeat(120)}x`, 'x']));
    expect(await receive(wide, { ...defaultSourceLimits, entries: 1000 })).to.match(/^ARCHIVE_TOO_LARGE.*1000 files/);
  });

  it('is refused for paths and link targets that together fill the memory', async () => {
    const limits = { ...defaultSourceLimits, pathCharacters: 2 ** 20 };
    const names = archiveOf(numbered(1500, (n) => [`${n}/${`${'x'.repeat(200)}/`.repeat(4)}x`, 'x']));
    expect(await receive(names, limits)).to.match(/^ARCHIVE_TOO_LARGE.*1 MB of paths/);
    const links = archiveOf({ a: 'x', ...numbered(1500, (n) => [`${n}`, link('x/'.repeat(500))]) });
    expect(await receive(links, limits)).to.match(/^ARCHIVE_TOO_LARGE.*1 MB of paths/);
  });

  it('is refused for a link or a name of a megabyte', async () => {
    const long = 'x/'.repeat(500_000);
    const links = { 'app/l': { ...link('a'), pax: { linkpath: long } } };
    expect(await receive(archiveOf({ a: 'x', ...links }))).to.match(/^ARCHIVE_INVALID.*too long/);
    expect(await receive(archiveOf({ a: { type: 'file', pax: { path: long } } }))).to.match(
      /^ARCHIVE_INVALID.*too long/,
    );
    const entries = unpackSource(archiveOf(links), defaultSourceLimits);
    const place = new SourceRoot({ root: 'app', takes: () => true }).place(entries);
    expect(await receiveSource(place, { file: join(folder, 'source.tar') }).catch(String)).to.contain('too long');
  });

  it('has each link followed once, whatever leads through it', async () => {
    const zigzag = 'd/../'.repeat(204);
    const chained = archiveOf({
      a: 'x',
      ...numbered(40, (n) => [`l${n}`, link(n === 39 ? 'a' : `${`l${n + 1}/../`.repeat(100)}l${n + 1}`)]),
      ...numbered(2000, (n) => [`z${n}`, link(`${zigzag}a`)]),
    });
    let outcome = '';
    const cpu = await cpuOf(async () => (outcome = await receive(chained)));
    expect(outcome).to.equal('received');
    expect(cpu).to.be.lessThan(3000);
  });

  it('is refused for links that lead through more links than Linux follows, in whatever order', async () => {
    const chain = numbered(50, (n) => [`l${n}`, link(n === 49 ? 'a' : `l${n + 1}`)]);
    for (const links of [chain, Object.fromEntries(Object.entries(chain).reverse())])
      expect(await receive(archiveOf({ a: 'x', ...links }))).to.match(/^ARCHIVE_INVALID.*through more than 40 links/);
    const short = numbered(40, (n) => [`l${n}`, link(n === 39 ? 'a' : `l${n + 1}`)]);
    expect(await receive(archiveOf({ a: 'x', ...short }))).to.equal('received');
  });

  it('is not unpacked beyond its limit for headers alone', async () => {
    const headers = gzipSync(Buffer.concat(Array.from({ length: 100 }, () => Buffer.alloc(2 ** 20))));
    const limits = { ...defaultSourceLimits, entries: 100, bytes: 1000 };
    expect(await receive(Readable.from([headers]), limits)).to.match(/^ARCHIVE_TOO_LARGE/);
  });

  it('has its manifest refused at the first entry that is no digest, without reading it', async () => {
    const size = (2 ** 30 - 1).toString(8).padStart(11, '0');
    let read = 0;
    const bomb = Readable.from(
      (function* () {
        const zeros = gzipSync(Buffer.alloc(2 ** 22));
        yield gzipSync(tarHeader('a', { size: `${size} ` }));
        for (; read < 256; read += 1) yield zeros;
      })(),
    );
    const store = new SourceStore({ folder: join(folder, 'store'), clock: systemClock });
    expect(await store.offer('shop', bomb).catch((error: Error) => error.message)).to.contain('without a digest');
    expect(read).to.be.lessThan(64);
  });
});

describe('what users write to select files', () => {
  it('is refused beyond 1000 patterns or 500 characters in one', () => {
    for (const parse of [slugIgnore, (text: string) => dockerIgnore(text, 'Dockerfile')]) {
      expect(() => parse('x\n'.repeat(1001)))
        .to.throw('more than 1000 patterns')
        .with.property('code', 'IGNORE_FILE_INVALID');
      expect(() => parse(`a\n${'*'.repeat(501)}`)).to.throw('line 2 is longer than 500 characters');
    }
  });

  it('does not make watch paths backtrack', async () => {
    const scope = sourceScope({ root: 'app', watch: [`${'*a'.repeat(90)}b`, `libs/${'**/a/'.repeat(35)}b`] });
    const cpu = await cpuOf(() => {
      expect(scope.takes('a'.repeat(250))).to.equal(false);
      expect(scope.takes(`libs/${'a/'.repeat(120)}c`)).to.equal(false);
    });
    expect(cpu).to.be.lessThan(50);
  });

  it('declares build args in time that is linear in the Dockerfile', async () => {
    for (const text of ['\n', 'ARG', 'ARG \\\n', ' ', '# \n', 'ARG A=b\n']) {
      const cpu = await cpuOf(() => declaredArgs(text.repeat((256 * 1024) / text.length)));
      expect(cpu, JSON.stringify(text)).to.be.lessThan(400);
    }
    expect([...declaredArgs('FROM a\narg ONE=1\nARG \\\n  TWO\n# ARG NONE\nRUN ARG NOT\n')]).to.have.members([
      'ONE',
      'TWO',
    ]);
  });
});
