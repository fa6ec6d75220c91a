import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decrypt, encrypt } from '../../src/backup/index.ts';
import { readBackup, readImages } from '../../src/backup/unpack.ts';
import { Secret } from '../../src/events/index.ts';
import { appBackup, bytesOf, codeOf, pieces } from './sample.ts';

const passphrase = new Secret('correct horse battery');
/** log2 of the cost of scrypt: cheap, for hundreds of keys. */
const CHEAP = 4;
const CHUNK = 64 * 1024;

const sealed = (plain: Buffer) => bytesOf(encrypt(pieces(plain, 10_000), passphrase, CHEAP));
const opened = async (bytes: Buffer, word = passphrase) =>
  bytesOf(await decrypt(pieces(bytes, 10_007), () => Promise.resolve(word)));
/** Where the chunks begin: after the text of the header and a nonce of 16 bytes. */
const headerOf = (bytes: Buffer): number => bytes.indexOf('\n', bytes.indexOf('\n--- ') + 1) + 1 + 16;

describe('an encrypted backup', () => {
  it('opens with its passphrase, whatever its length', async () => {
    for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000]) {
      const plain = randomBytes(length);
      expect((await opened(await sealed(plain))).equals(plain), `${length}`).to.equal(true);
    }
  });

  it('shows nothing of what is in it, and never the same twice', async () => {
    const plain = Buffer.from('DATABASE_PASSWORD='.repeat(100));
    const [one, two] = [await sealed(plain), await sealed(plain)];
    expect(one.includes('DATABASE')).to.equal(false);
    expect(one.subarray(headerOf(one)).equals(two.subarray(headerOf(two)))).to.equal(false);
  });

  it('stays shut for any other passphrase, and says so', async () => {
    const bytes = await sealed(randomBytes(200_000));
    for (const word of ['correct horse batter', 'Correct horse battery', ' '])
      expect(await codeOf(opened(bytes, new Secret(word)))).to.equal('BACKUP_PASSPHRASE_WRONG');
  });

  it('is refused when any one byte was changed', async () => {
    const bytes = await sealed(randomBytes(300));
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      const plain = decrypt(pieces(changed, 10_007), () => Promise.resolve(passphrase));
      const code = await codeOf(plain.then(readBackup));
      expect(code, `byte ${at}`).to.match(/^BACKUP_(DAMAGED|UNKNOWN|PASSPHRASE_WRONG)$/);
    }
  });

  it('is refused when its end is missing, at the border of a chunk too', async () => {
    const bytes = await sealed(randomBytes(3 * CHUNK));
    const header = headerOf(bytes);
    const borders = [0, 1, 2].map((n) => header + n * (CHUNK + 16));
    for (const length of [40, header - 1, ...borders, header + 5, bytes.length - 1, bytes.length - 16])
      expect(await codeOf(opened(bytes.subarray(0, length))), `${length}`).to.equal('BACKUP_DAMAGED');
  });

  it('cannot make its reader spend gigabytes of memory', async () => {
    const text = (await sealed(Buffer.alloc(10))).toString('latin1');
    const greedy = Buffer.from(text.replace(/^(-> scrypt \S+) 4$/m, '$1 30'), 'latin1');
    expect(greedy.includes(' 30\n')).to.equal(true);
    expect(await codeOf(opened(greedy))).to.equal('BACKUP_DAMAGED');
  });

  it('passes on an error of its source as it is', async () => {
    const broken = new Error('the disk failed');
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(2 * CHUNK);
      throw broken;
    }
    expect(await bytesOf(encrypt(source(), passphrase, CHEAP)).catch((error: unknown) => error)).to.equal(broken);
  });
});

/** Made by the code of version 0.1.0, whose encryption was its own: `packBackup` of this folder's sample, encrypted. */
describe('a backup of version 0.1.0', function () {
  this.timeout(60_000);
  let bytes: Buffer;

  before(async () => {
    bytes = await readFile(join(import.meta.dirname, 'fixtures/0.1.0.backup'));
  });

  it('opens with its passphrase, and has all that was put into it', async () => {
    const tar = await opened(bytes);
    const { apps, manifest, images } = await readBackup(pieces(tar, 4096));
    expect(manifest).to.include({ version: 1, mothership: '0.1.0', cluster: 'old' });
    expect(apps).to.deep.equal([appBackup('shop'), appBackup('blog')]);
    expect(images).to.have.length(2);
    const saved = await bytesOf(readImages(pieces(tar, 4096)));
    expect(saved.equals(Buffer.alloc(60_000, 'images of two apps '))).to.equal(true);
  });

  it('stays shut for another passphrase', async () => {
    expect(await codeOf(opened(bytes, new Secret('correct horse')))).to.equal('BACKUP_PASSPHRASE_WRONG');
  });

  it('is refused when it was changed or its end is missing', async () => {
    const [header, chunk] = [89, CHUNK + 16];
    for (const at of [32, 40, 60, 70, header, header + chunk - 1, header + chunk, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(await codeOf(opened(changed)), `byte ${at}`).to.match(/^BACKUP_(DAMAGED|PASSPHRASE_WRONG)$/);
    }
    for (const length of [50, header, header + 5, header + chunk, bytes.length - 1])
      expect(await codeOf(opened(bytes.subarray(0, length))), `${length} bytes`).to.equal('BACKUP_DAMAGED');
    const swapped = [bytes.subarray(0, header), bytes.subarray(header + chunk), bytes.subarray(header, header + chunk)];
    expect(await codeOf(opened(Buffer.concat(swapped)))).to.equal('BACKUP_DAMAGED');
  });

  it('cannot make its reader spend gigabytes of memory', async () => {
    const greedy = Buffer.from(bytes);
    greedy[31] = 40;
    expect(await codeOf(opened(greedy))).to.equal('BACKUP_DAMAGED');
  });
});
