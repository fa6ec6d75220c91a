import type { Header } from '#archive';
import { fail } from '#errors';

/** Owner of the app's files in build and run images: the user `app`. */
export const APP_UID = 1000;

export type EntryType = 'file' | 'directory' | 'symlink' | 'link';

const MAX_PATH = 1024;
const MAX_NAME = 255;
/** Folders within folders. */
const MAX_DEPTH = 128;
const types: ReadonlyMap<string, EntryType> = new Map([
  ['file', 'file'],
  ['contiguous-file', 'file'],
  ['directory', 'directory'],
  ['symlink', 'symlink'],
  ['link', 'link'],
]);

/** Returns an archive path as segments joined by `/`, relative to the app's folder; '' is the folder itself. */
export function entryPath(name: string): string {
  if (name.length > MAX_PATH) throw refused(`the path "${shown(name)}" is too long`);
  if (name.includes('\0')) throw refused(`the path "${shown(name)}" contains a NUL character`);
  if (name.startsWith('/')) throw refused(`"${shown(name)}" is an absolute path`);
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw refused(`"${shown(name)}" points outside the app's folder`);
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_NAME))
    throw refused(`the path "${shown(name)}" is too long`);
  if (segments.length > MAX_DEPTH) throw refused(`the path "${shown(name)}" is more than ${MAX_DEPTH} folders deep`);
  return segments.join('/');
}

/**
 * A symbolic link's target as it is written. An absolute one is a path of the app's container: nothing here follows it,
 * and no entry may lie below a link.
 */
export function linkTarget(path: string, target: string | undefined): string {
  if (!target || target.length > MAX_PATH) throw refused(`the link "${shown(path)}" has no target or too long a one`);
  if (target.includes('\0')) throw refused(`the target of the link "${shown(path)}" contains a NUL character`);
  return target;
}

/** Devices, pipes, sockets and sparse files are not allowed in an app's source. */
export function entryType(header: Header): EntryType {
  const isSparse = Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.'));
  const type = isSparse ? undefined : types.get(header.type);
  if (type) return type;
  // The parser returns null for GNU's own types.
  const what = isSparse ? 'a sparse file' : header.type ? `a ${header.type}` : 'a sparse file or of an unknown type';
  throw refused(`"${shown(header.name)}" is ${what}, not a file, folder or link`);
}

export type OwnHeader = Pick<Header, 'name' | 'type' | 'mode' | 'mtime' | 'uid' | 'gid' | 'size'> &
  Partial<Pick<Header, 'linkname'>>;

/** The entry's header inside a container: owned by the app, without setuid, setgid and sticky bits. */
export function ownHeader(path: string, type: EntryType, header: Partial<Header>): OwnHeader {
  const least = type === 'directory' ? 0o700 : 0o600;
  return {
    name: path,
    type,
    mode: ((header.mode ?? 0o644) & 0o777) | least,
    mtime: soundTime(header.mtime),
    uid: APP_UID,
    gid: APP_UID,
    size: type === 'file' ? (header.size ?? 0) : 0,
    ...(type === 'symlink' || type === 'link' ? { linkname: header.linkname ?? '' } : {}),
  };
}

/** The path of the folder that contains `path`; '' is the app's folder. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** Folders that lead to `path`, outermost first. */
export function parents(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, i) => segments.slice(0, i + 1).join('/'));
}

export function refused(why: string): Error {
  return fail('ARCHIVE_INVALID', { why });
}

export function shown(name: string): string {
  return JSON.stringify(name.slice(0, 120)).slice(1, -1);
}

function soundTime(time: Date | undefined): Date {
  const ms = time?.getTime() ?? 0;
  return new Date(Number.isFinite(ms) && ms > 0 ? ms : 0);
}
