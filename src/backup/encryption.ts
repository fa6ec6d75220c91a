import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { fail } from '../errors/index.ts';
import type { Secret } from '../events/index.ts';
import { ByteReader } from './byte-reader.ts';
import { damaged } from './tar.ts';

/**
 * A header and chunks of AES-256-GCM. A chunk's nonce is a random prefix, the chunk's number and whether it is the last
 * one (the STREAM construction: https://eprint.iacr.org/2015/189), so that chunks which were left out, doubled or put
 * elsewhere are noticed like changed ones. The key comes from the passphrase by scrypt, whose cost is in the header.
 */
const MAGIC = Buffer.from('mothership backup, encrypted 1\n');
const SALT = 16;
const PREFIX = 7;
const MAC = 32;
const TAG = 16;
const CHUNK = 64 * 1024;
const HEADER = MAGIC.length + 3 + SALT + PREFIX + MAC;

export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second: https://datatracker.ietf.org/doc/html/rfc7914, and OWASP's advice for scrypt. */
const COST: ScryptCost = { logN: 17, r: 8, p: 1 };
/** The highest cost that a file may demand from the reader. */
const MOST: ScryptCost = { logN: 20, r: 16, p: 8 };

interface Keys {
  readonly data: Buffer;
  readonly header: Buffer;
}

/** Encrypts a stream. */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: Secret,
  cost: ScryptCost = COST,
): AsyncGenerator<Buffer> {
  const [salt, prefix] = [randomBytes(SALT), randomBytes(PREFIX)];
  const keys = await deriveKeys(passphrase, salt, cost);
  const open = Buffer.concat([MAGIC, Buffer.from([cost.logN, cost.r, cost.p]), salt, prefix]);
  yield Buffer.concat([open, headerMac(keys, open)]);
  const plain = new ByteReader(source);
  for (let n = 0, last = false; !last; n += 1) {
    const chunk = await plain.take(CHUNK);
    last = await plain.atEnd();
    const cipher = createCipheriv('aes-256-gcm', keys.data, nonce(prefix, n, last));
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Whether a file starting with these bytes was written by `encrypt`. */
export function isEncrypted(beginning: Buffer): boolean {
  return beginning.subarray(0, MAGIC.length).equals(MAGIC);
}

/** Number of bytes that `isEncrypted` needs. */
export const ENCRYPTED_MARK_BYTES = MAGIC.length;

/**
 * Decrypts the output of `encrypt`. Throws BACKUP_PASSPHRASE_WRONG before the first piece, BACKUP_DAMAGED at the first
 * changed chunk.
 */
export async function* decrypt(source: AsyncIterable<Uint8Array>, passphrase: Secret): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(source);
  const header = await bytes.take(HEADER);
  if (header.length < HEADER || !isEncrypted(header)) throw fail('BACKUP_UNKNOWN', {});
  const open = header.subarray(0, HEADER - MAC);
  const [logN = 0, r = 0, p = 0] = open.subarray(MAGIC.length);
  if (logN < 1 || r < 1 || p < 1 || logN > MOST.logN || r > MOST.r || p > MOST.p)
    throw damaged('its header is out of range');
  const salt = open.subarray(MAGIC.length + 3, MAGIC.length + 3 + SALT);
  const keys = await deriveKeys(passphrase, salt, { logN, r, p });
  if (!timingSafeEqual(headerMac(keys, open), header.subarray(HEADER - MAC))) throw fail('BACKUP_PASSPHRASE_WRONG', {});
  yield* chunks(bytes, keys, open.subarray(-PREFIX));
}

async function* chunks(bytes: ByteReader, keys: Keys, prefix: Buffer): AsyncGenerator<Buffer> {
  for (let n = 0, last = false; !last; n += 1) {
    const chunk = await bytes.take(CHUNK + TAG);
    last = await bytes.atEnd();
    if (chunk.length < TAG) throw damaged('it is truncated');
    const decipher = createDecipheriv('aes-256-gcm', keys.data, nonce(prefix, n, last), { authTagLength: TAG });
    decipher.setAuthTag(chunk.subarray(-TAG));
    yield authentic(() => Buffer.concat([decipher.update(chunk.subarray(0, -TAG)), decipher.final()]), last);
  }
}

function authentic(decipher: () => Buffer, last: boolean): Buffer {
  try {
    return decipher();
  } catch {
    throw damaged(last ? 'it is corrupt or truncated' : 'it is corrupt');
  }
}

function deriveKeys(passphrase: Secret, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Keys> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.reveal().normalize('NFKC'),
      salt,
      64,
      { N, r, p, maxmem: 256 * N * r + 1024 * r * p },
      (error, derived) => {
        if (error) reject(error);
        else resolve({ data: derived.subarray(0, 32), header: derived.subarray(32) });
      },
    );
  });
}

function headerMac(keys: Keys, open: Buffer): Buffer {
  return createHmac('sha256', keys.header).update(open).digest();
}

function nonce(prefix: Buffer, n: number, last: boolean): Buffer {
  const counter = Buffer.alloc(5);
  counter.writeUInt32BE(n);
  counter[4] = last ? 1 : 0;
  return Buffer.concat([prefix, counter]);
}
