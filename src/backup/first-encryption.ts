import { createDecipheriv, createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { fail } from '#errors';
import type { Secret } from '#events';
import { cut, splitAt } from './chunks.ts';
import { damaged } from './contents.ts';

/**
 * Reads the encryption of version 0.1.0, before age. After the mark: log2 N, r and p of scrypt (a byte each), 16 bytes
 * of salt, 7 bytes of nonce prefix and an HMAC-SHA-256 of all that; then chunks of 64 KiB in AES-256-GCM, each with its
 * tag. A nonce is the prefix, the chunk's number and 1 for the last chunk (STREAM: https://eprint.iacr.org/2015/189).
 */
export const FIRST_FORMAT = Buffer.from('mothership backup, encrypted 1\n');
const COST = 3;
const SALT = 16;
const PREFIX = 7;
const MAC = 32;
const TAG = 16;
const CHUNK = 64 * 1024;
/** The most that a file may demand of its reader: log2 N, r and p. */
const LIMITS = [20, 16, 8];

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Decrypts what follows the mark. Throws BACKUP_PASSPHRASE_WRONG; the stream throws BACKUP_DAMAGED. */
export async function decryptFirstFormat(
  source: AsyncIterable<Uint8Array>,
  passphrase: Secret,
): Promise<AsyncIterable<Uint8Array>> {
  const [header, rest] = await splitAt(source, COST + SALT + PREFIX + MAC);
  const cost = [...header.subarray(0, COST)];
  if (header.length < COST + SALT + PREFIX + MAC || cost.some((value, n) => value < 1 || value > LIMITS[n]!))
    throw damaged('its header is out of range');
  const [logN = 0, r = 0, p = 0] = cost;
  const N = 2 ** logN;
  const maxmem = 256 * N * r + 1024 * r * p;
  const salt = header.subarray(COST, COST + SALT);
  const keys = await derive(passphrase.reveal().normalize('NFKC'), salt, 64, { N, r, p, maxmem });
  const open = Buffer.concat([FIRST_FORMAT, header.subarray(0, -MAC)]);
  const mac = createHmac('sha256', keys.subarray(32)).update(open).digest();
  if (!timingSafeEqual(mac, header.subarray(-MAC))) throw fail('BACKUP_PASSPHRASE_WRONG', {});
  return plainChunks(rest, keys.subarray(0, 32), open.subarray(-PREFIX));
}

async function* plainChunks(source: AsyncIterable<Uint8Array>, key: Buffer, prefix: Buffer): AsyncGenerator<Buffer> {
  let held: Buffer | undefined;
  let n = 0;
  const open = (chunk: Buffer, last: boolean): Buffer => decryptChunk(chunk, key, nonce(prefix, n++, last));
  for await (const chunk of cut(source, CHUNK + TAG)) {
    if (held) yield open(held, false);
    held = chunk;
  }
  if (!held || held.length < TAG) throw damaged('it is truncated');
  yield open(held, true);
}

function decryptChunk(chunk: Buffer, key: Buffer, iv: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG });
  decipher.setAuthTag(chunk.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(chunk.subarray(0, -TAG)), decipher.final()]);
  } catch (error) {
    throw damaged('it is corrupt or truncated', error);
  }
}

function nonce(prefix: Buffer, n: number, last: boolean): Buffer {
  const counter = Buffer.alloc(5);
  counter.writeUInt32BE(n);
  counter[4] = last ? 1 : 0;
  return Buffer.concat([prefix, counter]);
}
