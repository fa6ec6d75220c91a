import { rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { sourceScope, type SourceScope } from '#api/source-root.ts';
import { systemClock } from '#events';
import { dockerIgnore, slugIgnore, type LeaveOut } from './ignore-file.ts';
import { receiveSource } from './receive-source.ts';
import { sourceDigest } from './source-digest.ts';
import { defaultSourceLimits, unpackSource } from './source-limits.ts';
import { SourceStore, type OfferedSource } from './source-store.ts';
import { sourceTar, type Source } from './source.ts';

export interface OfferRequest {
  /** The folder of the `SourceStore`. */
  readonly store: string;
  readonly app: string;
}

export interface ReceiveRequest {
  /** Where to write the tar. */
  readonly file: string;
  /** For the archive of a whole repository: the part that is the app's. */
  readonly root?: Pick<SourceScope, 'root' | 'watch'> | undefined;
  /** What else its build is made from, for the digest. */
  readonly given?: unknown;
  /** Path of a Dockerfile with another name. */
  readonly dockerfile?: string | undefined;
  /** For an archive of what is missing from the store: what was offered before. */
  readonly offered?: (OfferRequest & { readonly source: string }) | undefined;
}

/** Patterns of an ignore file. */
export interface Selection {
  readonly slugignore?: string | undefined;
  readonly dockerignore?: { readonly text: string; readonly name: string } | undefined;
}

/** Reads what users send. Requests and results are plain data, so that another thread can do it. */
export interface SourceReader {
  /** Like `SourceStore.offer`. */
  offer(request: OfferRequest, manifest: Readable): Promise<OfferedSource>;
  /** Like `receiveSource`, with a digest in place of the files: there may be 200,000 of them. */
  receive(request: ReceiveRequest, archive: Readable): Promise<Source>;
  /** Writes the selected part of a source to a new tar. Throws IGNORE_FILE_INVALID. */
  select(request: { readonly file: string; readonly to: string } & Selection): Promise<void>;
}

export const sourceReader: SourceReader = {
  offer: ({ store, app }, manifest) => storeIn(store).offer(app, manifest),

  async receive({ file, root, given, dockerfile, offered }, archive) {
    const entries = offered
      ? await storeIn(offered.store).whole(offered.app, offered.source, archive)
      : unpackSource(archive, defaultSourceLimits);
    const layout = root && sourceScope(root);
    const { files, ...source } = await receiveSource(entries, { file, layout, dockerfile });
    return files ? { ...source, digest: sourceDigest(files, given) } : source;
  },

  async select({ file, to, slugignore, dockerignore }) {
    const rules: LeaveOut[] = [
      ...(slugignore === undefined ? [] : [slugIgnore(slugignore)]),
      ...(dockerignore === undefined ? [] : [dockerIgnore(dockerignore.text, dockerignore.name)]),
    ];
    const leaveOut: LeaveOut = (path, isFolder) => rules.some((rule) => rule(path, isFolder));
    await writeFile(to, sourceTar({ file }, leaveOut));
  },
};

/** Returns the source as a tar for the engine. */
export async function selectSource(
  reader: SourceReader,
  { file }: Pick<Source, 'file'>,
  selection: Selection,
): Promise<Readable> {
  if (Object.values(selection).every((part) => part === undefined)) return createReadStream(file);
  const to = `${file}.selected`;
  await reader.select({ file, to, ...selection });
  // An open file stays until it is closed.
  const tar = createReadStream(to);
  tar.once('open', () => void rm(to, { force: true }));
  return tar;
}

function storeIn(folder: string): SourceStore {
  return new SourceStore({ folder, clock: systemClock });
}
