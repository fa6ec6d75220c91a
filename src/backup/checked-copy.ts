import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { BackupContents } from './contents.ts';
import { readBackup } from './unpack.ts';

/** Passes a backup through while verifying it. Throws BACKUP_DAMAGED at the end unless it is complete. */
export async function* checkedCopy(
  source: AsyncIterable<Uint8Array>,
  onChecked: (contents: BackupContents) => void,
): AsyncGenerator<Uint8Array> {
  const copy = new PassThrough();
  const checked = readBackup(copy);
  // Awaited below; until then a rejection must not be reported as unhandled.
  checked.catch(() => undefined);
  for await (const chunk of source) {
    if (!copy.write(chunk)) await Promise.race([once(copy, 'drain'), checked]);
    yield chunk;
  }
  copy.end();
  onChecked(await checked);
}
