import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, isEncrypted } from '../../src/backup/index.ts';
import { Secret } from '../../src/events/index.ts';
import { bytesOf, codeOf, pieces } from './sample.ts';

const passphrase = new Secret('correct horse battery');
/** Cheap: these are hundreds of keys. */
const COST = { logN: 4, r: 1, p: 1 };
const CHUNK = 64 * 1024;
const HEADER = 89;

const sealed = (plain: Buffer) => bytesOf(encrypt(pieces(plain, 10_000), passphrase, COST));
const opened = (bytes: Buffer, word = passphrase) => bytesOf(decrypt(pieces(bytes, 10_007), word));

describe('an encrypted backup', () => {
  it('opens with its passphrase, whatever its length', async () => {
    for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000]) {
      const plain = randomBytes(length);
      const bytes = await sealed(plain);
      expect(isEncrypted(bytes)).to.equal(true);
      expect((await opened(bytes)).equals(plain), `${length}`).to.equal(true);
    }
  });

  it('shows nothing of what is in it, and never the same twice', async () => {
    const plain = Buffer.from('DATABASE_PASSWORD='.repeat(100));
    const [one, two] = [await sealed(plain), await sealed(plain)];
    expect(one.includes('DATABASE')).to.equal(false);
    expect(one.subarray(HEADER).equals(two.subarray(HEADER))).to.equal(false);
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
      expect(await codeOf(opened(changed)), `byte ${at}`).to.match(/^BACKUP_(DAMAGED|UNKNOWN|PASSPHRASE_WRONG)$/);
    }
  });

  it('is refused when its end is missing, at the border of a chunk too', async () => {
    const bytes = await sealed(randomBytes(3 * CHUNK));
    const borders = [0, 1, 2].map((n) => HEADER + n * (CHUNK + 16));
    for (const length of [0, 40, HEADER - 1, ...borders, HEADER + 5, bytes.length - 1, bytes.length - 16]) {
      expect(await codeOf(opened(bytes.subarray(0, length))), `${length}`).to.match(/^BACKUP_(DAMAGED|UNKNOWN)$/);
    }
  });

  it('is refused when chunks were swapped, doubled, left out or added', async () => {
    const bytes = await sealed(randomBytes(4 * CHUNK));
    const chunk = (n: number): Buffer => bytes.subarray(HEADER + n * (CHUNK + 16), HEADER + (n + 1) * (CHUNK + 16));
    const orders = [
      [1, 0, 2, 3],
      [0, 0, 1, 2, 3],
      [0, 1, 3],
      [0, 1, 2, 3, 3],
    ];
    for (const order of orders)
      expect(
        await codeOf(opened(Buffer.concat([bytes.subarray(0, HEADER), ...order.map(chunk)]))),
        String(order),
      ).to.equal('BACKUP_DAMAGED');
  });

  it('cannot make its reader take gigabytes of memory', async () => {
    const bytes = await sealed(randomBytes(10));
    bytes[HEADER - 32 - 7 - 16 - 3] = 40;
    expect(await codeOf(opened(bytes))).to.equal('BACKUP_DAMAGED');
  });

  it('takes long to guess by default', async function () {
    this.timeout(30_000);
    const began = process.cpuUsage();
    await bytesOf(encrypt(pieces(Buffer.from('x'), 1), passphrase));
    expect(process.cpuUsage(began).user / 1000).to.be.greaterThan(50);
  });
});
