import { expect } from 'chai';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { extract, pack, type Header } from 'tar-stream';
import { LAYER_TIME, settledTar } from '../../src/builds/image/reproducible-tar.ts';

const OLD = new Date('2020-01-01T00:00:00Z');
const SOURCE = new Date('2024-05-06T07:08:09Z');

function made(at: Date): Readable {
  const tar = pack();
  tar.entry({ name: 'app/', type: 'directory', mode: 0o755, uid: 1000, mtime: at });
  tar.entry({ name: 'app/old', mode: 0o755, uid: 1000, mtime: OLD }, 'old');
  tar.entry({ name: `app/${'long/'.repeat(60)}new`, mode: 0o600, mtime: at }, 'new');
  tar.entry({ name: 'app/link', type: 'symlink', linkname: 'old', mtime: at });
  tar.entry({ name: 'app/same', type: 'link', linkname: 'app/old', mtime: at });
  tar.finalize();
  return Readable.from(tar);
}

async function headers(tar: Readable): Promise<Header[]> {
  const all: Header[] = [];
  for await (const entry of tar.pipe(extract())) {
    all.push(entry.header as Header);
    entry.resume();
  }
  return all;
}

describe('the tar of a layer', () => {
  const [one, two] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T03:04:05Z')];

  it('is the same to the byte whenever it is made', async () => {
    for (const time of [{ all: LAYER_TIME }, { atMost: SOURCE }]) {
      expect((await buffer(settledTar(made(one), time))).equals(await buffer(settledTar(made(two), time)))).to.equal(
        true,
      );
    }
  });

  it('keeps all but the times', async () => {
    const plain = (list: Header[]): unknown[] =>
      list.map(({ name, type, mode, uid, size, linkname }) => ({ name, type, mode, uid, size, linkname }));
    expect(plain(await headers(settledTar(made(one), { all: LAYER_TIME })))).to.deep.equal(
      plain(await headers(made(one))),
    );
  });

  it("has the source's own times and none after them", async () => {
    const times = (await headers(settledTar(made(one), { atMost: SOURCE }))).map(({ mtime }) => mtime);
    expect(times).to.deep.equal([SOURCE, OLD, SOURCE, SOURCE, SOURCE]);
  });

  it('fails when what it is made from breaks off', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100);
        throw new Error('gone');
      })(),
    );
    const outcome = await buffer(settledTar(broken, { all: LAYER_TIME })).catch((error: unknown) => error);
    expect(outcome).to.be.an('error');
  });
});
