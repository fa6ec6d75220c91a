import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, isMothershipError } from '#errors';

/**
 * Writes a new file that only its owner can read. It gets its name once it is complete and on disk; until then a draft
 * exists, which is removed on failure. Returns its size in bytes. Throws BACKUP_FILE_EXISTS or BACKUP_FILE_UNWRITABLE.
 */
export async function writeNewFile(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.draft`);
  try {
    const bytes = await write(draft, source);
    // Unlike rename, link never replaces another file.
    await link(draft, path);
    return bytes;
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    if (isMothershipError(error) || !syscall || !['open', 'write', 'fsync', 'link'].includes(syscall)) throw error;
    if (code === 'EEXIST') throw fail('BACKUP_FILE_EXISTS', { file: path }, error);
    throw fail('BACKUP_FILE_UNWRITABLE', { file: path, why: code === 'ENOSPC' ? 'the disk is full' : message }, error);
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of source) {
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}
