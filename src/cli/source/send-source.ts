import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Extract, type Pack } from 'tar-stream';
import type { Operation, SourceOffered } from '../../api/index.ts';
import { isMothershipError } from '../../errors/index.ts';
import type { ApiClient, Input } from '../api/client.ts';
import { SourceArchive, writeEntry } from './pack.ts';

type Entry = Extract extends AsyncIterable<infer E> ? E : never;
type Build = Omit<Input<'buildsCreate'>, 'body'>;

/**
 * Sends a source and begins its build: first what files there are, then the contents that the controller does not have from
 * the deploy before; all of it at once where the controller does not know this way, or has lost something meanwhile.
 */
export async function sendSource(api: ApiClient, archive: SourceArchive, build: Build): Promise<Operation> {
  const digests = new Map<string, string>();
  const offered = await offer(api, archive, build, digests);
  if (!offered) return api.upload('buildsCreate', build, archive.gzipped());
  const query = { ...build.query, source: offered.source };
  try {
    return await api.upload(
      'buildsCreate',
      { ...build, query },
      contentsOf(archive, digests, new Set(offered.missing)).gzipped(),
    );
  } catch (error) {
    if (!isMothershipError(error, 'SOURCE_INCOMPLETE')) throw error;
    return api.upload('buildsCreate', build, archive.gzipped());
  }
}

/** Undefined where the controller does not know sources. */
async function offer(
  api: ApiClient,
  archive: SourceArchive,
  { params }: Build,
  digests: Map<string, string>,
): Promise<SourceOffered | undefined> {
  try {
    return await api.upload<'sourcesCreate'>(
      'sourcesCreate',
      params ? { params } : {},
      manifestOf(archive, digests).gzipped(),
    );
  } catch (error) {
    if (!isMothershipError(error, 'ROUTE_NOT_FOUND')) throw error;
    return undefined;
  }
}

/** The archive with the SHA-256 of each file in place of its content; `digests` gets them by path. */
export function manifestOf(archive: SourceArchive, digests: Map<string, string>): SourceArchive {
  return rewritten(archive, async (entry, out) => {
    const { header } = entry;
    if (header.type !== 'file') return writeEntry(out, header);
    const digest = await digestOf(entry);
    digests.set(header.name, digest);
    await writeEntry(out, { ...header, size: digest.length }, (sink) => Promise.resolve(void sink.write(digest)));
  });
}

/** The contents of those digests, each once and with its digest for a name. */
export function contentsOf(
  archive: SourceArchive,
  digests: ReadonlyMap<string, string>,
  missing: ReadonlySet<string>,
): SourceArchive {
  return rewritten(archive, async (entry, out, sent) => {
    const digest = digests.get(entry.header.name) ?? '';
    if (!missing.has(digest) || sent.has(digest)) return void entry.resume();
    sent.add(digest);
    const { size = 0 } = entry.header;
    await writeEntry(out, { name: digest, size, mtime: new Date(0) }, (sink) =>
      pipeline(Readable.from(entry), sink, { end: false }),
    );
  });
}

function rewritten(
  archive: SourceArchive,
  rewrite: (entry: Entry, out: Pack, sent: Set<string>) => Promise<void>,
): SourceArchive {
  return new SourceArchive(async (out) => {
    const reading = extract();
    const read = pipeline(Readable.from(archive.tar()), reading as unknown as Writable);
    // The loop tells.
    read.catch(() => undefined);
    const sent = new Set<string>();
    for await (const entry of reading) await rewrite(entry, out, sent);
    await read;
  });
}

async function digestOf(entry: Entry): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of entry as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
