import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { mapHeaders, packTar, readTar, type Header } from '#archive';
import type { LeaveOut } from './ignore-file.ts';

/** An app's source on the controller's disk, after all checks. */
export interface Source {
  /** An uncompressed tar with paths relative to the app's folder; every folder precedes its contents. */
  readonly file: string;
  /** Names at the top level. */
  readonly root: readonly string[];
  /** Modification time of the newest file, 1980 or later. */
  readonly modified: Date;
  /** Contents of the files that decide how it is built, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Only for an app with a root: the same as long as its files and what else the build is made from are. */
  readonly digest?: string | undefined;
}

/** Returns the source as a tar for the engine. `leaveOut` implements .slugignore and .dockerignore. */
export function sourceTar({ file }: Pick<Source, 'file'>, leaveOut?: LeaveOut): Readable {
  const tar = createReadStream(file);
  if (!leaveOut) return tar;
  const isKept = ({ name, type }: Header): boolean => !leaveOut(name.replace(/\/$/, ''), type === 'directory');
  return packTar(mapHeaders(readTar(tar), (header) => (isKept(header) ? header : undefined)));
}
