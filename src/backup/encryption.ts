import { Decrypter, Encrypter } from 'age-encryption';
import { fail, isMothershipError } from '#errors';
import type { Secret } from '#events';
import { prepend, splitAt } from './chunks.ts';
import { damaged } from './contents.ts';
import { decryptFirstFormat, FIRST_FORMAT } from './first-encryption.ts';

/** How every age file begins: https://age-encryption.org/v1 */
const AGE = Buffer.from('age-encryption.org/v1\n');
/** log2 of the cost of scrypt: 128 MiB of memory, as OWASP's password storage cheat sheet recommends. */
const WORK_FACTOR = 17;

/** The stream as an age file for a passphrase, as `age --passphrase` writes it. */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: Secret,
  workFactor = WORK_FACTOR,
): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.reveal());
  encrypter.setScryptWorkFactor(workFactor);
  yield* await encrypter.encrypt(ReadableStream.from(source));
}

/**
 * The plain bytes of a backup's file; `passphrase` is only called for an encrypted one. Throws BACKUP_PASSPHRASE_WRONG;
 * the stream throws BACKUP_DAMAGED at the first chunk that was changed.
 */
export async function decrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: () => Promise<Secret>,
): Promise<AsyncIterable<Uint8Array>> {
  const [first, rest] = await splitAt(source, Math.max(AGE.length, FIRST_FORMAT.length));
  const all = prepend(first, rest);
  if (first.subarray(0, AGE.length).equals(AGE)) return decryptAge(all, await passphrase());
  return first.equals(FIRST_FORMAT) ? decryptFirstFormat(rest, await passphrase()) : all;
}

async function decryptAge(source: AsyncIterable<Uint8Array>, passphrase: Secret): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.reveal());
  try {
    return authentic(await decrypter.decrypt(ReadableStream.from(source)));
  } catch (error) {
    throw explain(error);
  }
}

async function* authentic(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw explain(error);
  }
}

/** The library's errors have no codes; errors of the file that is read have. */
function explain(error: unknown): unknown {
  if (isMothershipError(error) || (error as { code?: string }).code) return error;
  if ((error as Error).message.startsWith('no identity matched')) return fail('BACKUP_PASSPHRASE_WRONG', {}, error);
  return damaged('it is corrupt or truncated', error);
}
