import { own } from './own.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links form a loop',
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
};

/** Why a file cannot be read. Node's messages also name the system call and the path. */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as Error & { readonly code?: string };
  return own(REASONS, code) ?? message.replace(/^E[A-Z0-9]+: ([^,]+), .*$/s, '$1');
}
