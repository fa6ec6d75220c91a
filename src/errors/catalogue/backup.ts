import { failure, usage } from '../entry.ts';

export const backup = {
  BACKUP_DAMAGED: failure<{ why: string }>(
    422,
    'user',
    (p) => `The backup cannot be used: ${p.why}.`,
    () => 'Nothing was changed. Fetch the file again, or take an older one.',
  ),
  BACKUP_UNKNOWN: failure(
    422,
    'user',
    () => 'This is no backup of Mothership.',
    () => 'Name a file that `mothership cluster:backup` wrote.',
  ),
  BACKUP_TOO_NEW: failure<{ version: string; format: number }>(
    422,
    'user',
    (p) => `The backup was made by Mothership ${p.version}, in a format (${p.format}) that this version does not know.`,
    () => 'Upgrade the cluster first, then restore.',
  ),
  BACKUP_PASSPHRASE_WRONG: failure(
    422,
    'user',
    () => 'The passphrase does not open this backup.',
    () => 'Nothing was changed. Without the passphrase it was made with, nobody can read it.',
  ),
  BACKUP_PASSPHRASE_SHORT: usage<{ least: number }>(
    (p) => `A passphrase of a backup has at least ${p.least} characters.`,
  ),
  BACKUP_PASSPHRASES_DIFFER: usage(() => 'The two passphrases are not the same.'),
  BACKUP_INCOMPLETE: failure<{ why: string }>(
    502,
    'platform',
    (p) => `The backup could not be finished: ${p.why}.`,
    () => 'No file was written. Run the command again.',
  ),
  BACKUP_FILE_EXISTS: usage<{ file: string }>(
    (p) => `The file ${p.file} exists already.`,
    () => 'Give another name; a backup overwrites nothing.',
  ),
  BACKUP_FILE_UNWRITABLE: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `The backup cannot be written to ${p.file}: ${p.why}.`,
  ),
  RESTORE_CONFLICT: failure<{ problems: readonly string[]; replaceable: boolean }>(
    409,
    'user',
    (p) =>
      `The backup does not fit this cluster:\n${p.problems
        .slice(0, 20)
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    (p) =>
      p.replaceable
        ? 'Nothing was changed. With --replace these apps become what they were in the backup.'
        : 'Nothing was changed. Rename or destroy these apps, or free the names, then restore again.',
  ),
  RESTORE_RUNNING: failure(
    409,
    'user',
    () => 'Another restore is under way on this cluster.',
    () => 'Wait until it has ended.',
  ),
};
