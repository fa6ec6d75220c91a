import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { selectSource } from '../../src/builds/source/source-reader.ts';
import { sourceThreads } from '../../src/builds/source/source-thread.ts';
import { systemClock } from '../../src/events/index.ts';
import { fail } from '../../src/errors/index.ts';
import { threadCpu } from '../thread-cpu.ts';
import { tarHeader } from './raw-tar.ts';
import { buildWorker } from './build-worker.ts';
import { archiveOf } from './archive-of.ts';

describe('a thread that reads a source', function () {
  this.timeout(60_000);
  let folder: string;
  let script: URL;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-thread-'));
    script = await buildWorker(folder);
  });
  after(() => rm(folder, { recursive: true }));

  const threads = (limitMs = 60_000) => sourceThreads({ clock: systemClock, script, limitMs });
  const receive = (archive: Readable, limitMs?: number) =>
    threads(limitMs).receive({ file: join(folder, 'source.tar') }, archive);
  const rejection = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
    );

  it('returns what it found, and selects from it', async () => {
    const files = { Procfile: 'web: x\n', '.dockerignore': 'docs\n', 'docs/a': 'secret', 'src/b': 'code' };
    const source = await receive(archiveOf(files));
    expect([...source.root]).to.deep.equal(['Procfile', '.dockerignore', 'docs', 'src']);
    expect(source.texts.get('Procfile')).to.equal('web: x\n');
    expect(source.modified).to.be.instanceOf(Date);
    const dockerignore = { text: 'docs\n', name: '.dockerignore' };
    const tar = await text(await selectSource(threads(), source, { dockerignore }));
    expect(tar).to.contain('code').and.not.to.contain('secret');
    expect(await text(await selectSource(threads(), source, {}))).to.contain('secret');
  });

  it('returns a digest of an app in a repository, and not its files', async () => {
    const receiveApp = (content: string, given: unknown = {}) =>
      threads().receive(
        { file: join(folder, 'app.tar'), root: { root: 'app', watch: [] }, given },
        archiveOf({ 'app/a': content, b: 'x' }),
      );
    const { digest, ...source } = await receiveApp('1');
    expect(digest).to.match(/^sha256:[0-9a-f]{64}$/);
    expect(source).to.have.all.keys('file', 'root', 'modified', 'texts');
    expect((await receiveApp('1')).digest).to.equal(digest);
    expect((await receiveApp('2')).digest).not.to.equal(digest);
    expect((await receiveApp('1', { stack: 'b' })).digest).not.to.equal(digest);
  });

  it('refuses with the same errors', async () => {
    const upload = archiveOf({ '../x': 'x' });
    expect(await rejection(receive(upload))).to.match(/^ARCHIVE_INVALID.*points outside/);
    expect(upload.destroyed).to.equal(true);
    const ignore = { slugignore: '*\n'.repeat(2000) };
    const source = await receive(archiveOf({ a: 'x' }));
    expect(await rejection(selectSource(threads(), source, ignore))).to.match(/^IGNORE_FILE_INVALID/);
  });

  it('ends with the upload, for its reason', async () => {
    const upload = new PassThrough();
    const receiving = rejection(receive(upload));
    upload.write(Buffer.from([0x1f, 0x8b]));
    upload.destroy(fail('UPLOAD_STALLED', { received: 2, seconds: 60 }));
    expect(await receiving).to.match(/^UPLOAD_STALLED/);
  });

  it('is ended when it computes too long, while the event loop is free', async () => {
    const records = Buffer.alloc(2 ** 21, '6 a=b\n');
    const size = `${records.length.toString(8).padStart(11, '0')} `;
    const header = Buffer.concat([tarHeader('pax', { type: 'g', size }), records]);
    const archive = gzipSync(Buffer.concat([...Array.from({ length: 60 }, () => header), tarHeader('a')]));
    const before = threadCpu();
    expect(await rejection(receive(Readable.from([archive]), 300))).to.match(
      /^ARCHIVE_TOO_LARGE.*takes more than 0.3 s/,
    );
    expect(threadCpu() - before).to.be.lessThan(500);
  });
});
