import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { BackupContents } from './contents.ts';
import { readBackup } from './unpack.ts';

/** Passes a backup on as it comes and checks it on the way; throws BACKUP_DAMAGED at its end unless it is whole. */
export async function* checkedCopy(
  source: AsyncIterable<Uint8Array>,
  onChecked: (contents: BackupContents) => void,
): AsyncGenerator<Uint8Array> {
  const copy = new PassThrough();
  const checked = readBackup(copy);
  // It is waited for below; until then a failure is nobody's.
  checked.catch(() => undefined);
  for await (const chunk of source) {
    if (!copy.write(chunk)) await Promise.race([once(copy, 'drain'), checked]);
    yield chunk;
  }
  copy.end();
  onChecked(await checked);
}
