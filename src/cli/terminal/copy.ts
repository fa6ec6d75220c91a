import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-fs';
import { unreadable } from '../files/unreadable.ts';

interface Header {
  name: string;
  type?: string | null;
  uid?: number;
  gid?: number;
}

const PLAIN = ['file', 'directory', 'symlink'];

/** Returns where to copy `file`: into `output` if that is a folder or ends with a slash, else to that name. */
export async function placeFor(file: string, output: string | undefined, cwd: string): Promise<string> {
  const target = resolve(cwd, output ?? posix.basename(file));
  const isFolder = output?.endsWith('/') || (await stat(target).catch(() => undefined))?.isDirectory();
  return isFolder ? join(target, posix.basename(file)) : target;
}

/** Unpacks a tar of one file or folder to `target`. The tar is untrusted: nothing is written elsewhere. */
export async function receive(stream: Duplex, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unpack = extract(dirname(target), {
    map: (header: Header) => ({ ...header, name: renamed(header.name, basename(target)) }) as never,
    ignore: (_path: string, header?: { type?: string | null }) => !PLAIN.includes(header?.type ?? ''),
    chown: false,
  } as never);
  stream.end();
  await pipeline(stream, unpack);
}

/**
 * Sends a file or folder as a tar under the name `name`. Throws FILE_NOT_FOUND, FILE_UNREADABLE or the cluster's error.
 */
export async function send(open: () => Promise<Duplex>, file: string, name: string): Promise<void> {
  await stat(file).catch((error: unknown) => Promise.reject(unreadable(file, error)));
  const stream = await open();
  const tar = pack(dirname(file), {
    entries: [basename(file)],
    map: (header: Header) => ({ ...header, name: renamed(header.name, name), uid: 0, gid: 0 }) as never,
  } as never);
  const answered = finished(stream.resume(), { writable: false });
  await Promise.race([pipeline(tar, stream, { end: true }).then(() => answered), answered]);
  if (!stream.readableEnded) await once(stream, 'end');
}

function renamed(path: string, top: string): string {
  return [
    top,
    ...path
      .split('/')
      .filter((part) => part !== '')
      .slice(1),
  ].join('/');
}
