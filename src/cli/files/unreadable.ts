import { fail, type MothershipError } from '#errors';
import { whyUnreadable } from '#values/why-unreadable.ts';

/** The error for a file or folder that the user named: FILE_NOT_FOUND or FILE_UNREADABLE. */
export function unreadable(file: string, error: unknown, kind: 'file' | 'folder' = 'file'): MothershipError {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (['ENOENT', 'ENOTDIR'].includes(code)) return fail('FILE_NOT_FOUND', { file, kind }, error);
  return fail('FILE_UNREADABLE', { file, why: whyUnreadable(error) }, error);
}
