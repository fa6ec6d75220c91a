import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sourceScope } from '../../api/source-root.ts';
import { defaultSourceLimits, receiveRooted, type SourceFile } from '../index.ts';
import type { AppRecord } from '../../store/index.ts';

/**
 * Keeps an archive that comes in. `repository`: of an app with a root only what is the app's is kept, as if that had been
 * sent alone, and its files are answered.
 */
export async function keepSource(
  archive: Readable,
  path: string,
  { source }: AppRecord,
  repository = false,
): Promise<SourceFile[] | undefined> {
  await mkdir(dirname(path), { recursive: true });
  if (source && repository) return receiveRooted(archive, path, sourceScope(source), defaultSourceLimits);
  await pipeline(archive, createWriteStream(path));
  return undefined;
}
