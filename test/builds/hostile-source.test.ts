import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Header } from '../../src/archive/index.ts';
import { parseProcfile } from '../../src/apps/procfile.ts';
import { planBuild } from '../../src/builds/buildpacks/build-plan.ts';
import { sourceScope } from '../../src/api/source-root.ts';
import { checkDockerfile } from '../../src/builds/dockerfile/dockerfile-rules.ts';
import { declaredArgs, parseDockerfile } from '../../src/builds/dockerfile/dockerfile.ts';
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

  it('is refused for a file that decides how it is built and is too large to read', async () => {
    for (const name of ['Procfile', 'Dockerfile', '.dockerignore', '.slugignore', '.buildpacks', 'app.json']) {
      const archive = (bytes: number): Readable => archiveOf({ a: 'x', [name]: '#'.repeat(bytes) });
      expect(await receive(archive(256 * 1024 + 1))).to.equal(
        `SOURCE_FILE_TOO_LARGE: The app's ${name} is larger than 256 KB.`,
      );
      expect(await receive(archive(256 * 1024))).to.equal('received');
    }
    expect(await receive(archiveOf({ 'docs/Dockerfile': '#'.repeat(300_000) }))).to.equal('received');
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

describe('the files that say how to build and start an app', () => {
  const full = (text: string): string => text.repeat(Math.floor((256 * 1024) / text.length));
  const entries = (entry: (n: number) => string): string => {
    let text = '';
    for (let n = 0; text.length < 250_000; n += 1) text += `${n > 0 ? ',' : ''}${entry(n)}`;
    return text;
  };
  const plan = (texts: Record<string, string>): unknown =>
    planBuild(
      {
        buildpacks: [],
        config: {},
        platformEnv: {},
        stack: { name: 's', buildImage: 'b', runImage: 'r' },
        isNew: true,
      },
      new Map(Object.entries(texts)),
      () => 'generated',
    );

  const procfiles = ['\n', ' \n', '\r\n', '#\n', 'a', 'a:', 'web: x\n', 'constructor: x\n', ': ', '\t', '\ufeff', '\0'];
  const appJsons: Record<string, string> = {
    depth: full('['),
    objects: `{"buildpacks":[${entries(() => '{}')}]}`,
    'wrong add-ons': `{"addons":[${entries(() => '0')}]}`,
    'wrong variables': `{"env":{${entries((n) => `"=${n}":0`)}}}`,
    variables: `{"env":{${entries((n) => `"K${n}":""`)}}}`,
    'as many wrong add-ons as there may be': `{"addons":[${Array.from({ length: 4990 }, () => '0').join(',')}]}`,
    'as many wrong variables as there may be': `{"env":{${Array.from({ length: 4990 }, (_, n) => `"=${n}":0`).join(',')}}}`,
    'as many variables as there may be': `{"env":{${Array.from({ length: 4990 }, (_, n) => `"K${n}":""`).join(',')}}}`,
    'as many types as there may be': `{"formation":{${Array.from({ length: 2400 }, (_, n) => `"t${n}":{}`).join(',')}}}`,
    'a long string': `{"env":{"A":"${full('\\"')}"}}`,
    spaces: full(' '),
  };
  const lists = ['a\n', 'heroku/nodejs\n', 'https://a.b/c\n', '\n', ' ', '#\n', '/', 'https://'];
  const cases: [string, () => unknown][] = [
    ...procfiles.map((text): [string, () => unknown] => [
      `Procfile of ${JSON.stringify(text)}`,
      () => parseProcfile(full(text)),
    ]),
    ...Object.entries(appJsons).map(([what, text]): [string, () => unknown] => [
      `app.json with ${what}`,
      () => plan({ 'app.json': text }),
    ]),
    ...lists.map((text): [string, () => unknown] => [
      `.buildpacks of ${JSON.stringify(text)}`,
      () => plan({ '.buildpacks': full(text) }),
    ]),
  ];
  for (const [what, parse] of cases)
    it(`cost the event loop little: ${what}`, async () => {
      attempt(parse);
      const cpu = await cpuOf(() => attempt(parse));
      expect(cpu).to.be.lessThan(50);
    });

  it('have no more buildpacks, config vars and values than an app may have in another way', () => {
    expect(attempt(() => plan({ '.buildpacks': 'nodejs\n'.repeat(21) }))).to.equal('BUILDPACKS_TOO_MANY');
    const env = (vars: object): string => JSON.stringify({ env: vars });
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`K${n}`, 'x']));
    expect(attempt(() => plan({ 'app.json': env(many) }))).to.equal('APP_JSON_INVALID');
    expect(attempt(() => plan({ 'app.json': env({ A: 'x'.repeat(65_536) }) }))).to.equal('APP_JSON_INVALID');
    expect(attempt(() => plan({ 'app.json': env({ DYNO: 'x' }) }))).to.equal('APP_JSON_INVALID');
    expect(attempt(() => plan({ 'app.json': env({ PORT: 'http' }) }))).to.equal('APP_JSON_INVALID');
    expect(attempt(() => plan({ 'app.json': `[${'0,'.repeat(5000)}0]` }))).to.equal('APP_JSON_INVALID');
  });
});

describe('what users write to select files', () => {
  it('is refused beyond 1000 patterns or 500 characters in one', () => {
    for (const parse of [slugIgnore, (text: string) => dockerIgnore(text)]) {
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

  it('declares build args, and is checked, in time that is linear in the Dockerfile', async () => {
    const context = { buildArgs: { A: 'z'.repeat(4000) }, stackImages: [], allowedRegistries: [] };
    for (const text of [
      '\n',
      'ARG',
      'ARG \\\n',
      ' ',
      '# \n',
      'ARG A=b\n',
      'ENV A=$A$A\n',
      'A=$A ',
      'RUN <<A <<B\n',
      '"',
      '${A:-',
    ]) {
      const repeated = text.repeat((256 * 1024 - 50) / text.length);
      for (const whole of [repeated, `FROM scratch\nARG A\nENV A=1 ${repeated}`]) {
        const cpu = await cpuOf(() => {
          attempt(() => declaredArgs(parseDockerfile(whole)));
          attempt(() => checkDockerfile(whole, context));
        });
        expect(cpu, JSON.stringify(text)).to.be.lessThan(150);
      }
    }
    // Each of these could be read as two names of variables.
    const open = `FROM scratch\nARG A=\${A:-${'$bb'.repeat(28)}\n`;
    expect(await cpuOf(() => attempt(() => checkDockerfile(open, context)))).to.be.lessThan(150);
    expect([
      ...declaredArgs(parseDockerfile('FROM a\narg ONE=1\nARG \\\n  TWO\n# ARG NONE\nRUN ARG NOT\n')),
    ]).to.have.members(['ONE', 'TWO']);
  });
});

function attempt(parse: () => unknown): string {
  try {
    parse();
    return 'parsed';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
