import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readTar } from '../../src/archive/index.ts';
import { receiveSource } from '../../src/builds/source/receive-source.ts';
import type { Source } from '../../src/builds/source/source.ts';

/** Receives an archive as the controller does, for as long as `work` takes. */
export async function withSource<T>(
  archive: Readable,
  dockerfile: string | undefined,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mothership-test-source-'));
  try {
    return await work(
      await receiveSource(readTar(archive, { gzip: true }), { file: join(folder, 'source.tar'), dockerfile }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
