import { failure, usage } from '../entry.ts';

export const backup = {
  BACKUP_DAMAGED: failure<{ why: string }>(
    422,
    'user',
    (p) => `The backup cannot be used: ${p.why}.`,
    'Nothing was changed. Fetch the file again, or use an older one.',
  ),
  BACKUP_UNKNOWN: failure(
    422,
    'user',
    'Not a Mothership backup.',
    'Use a file written by `mothership cluster:backup`.',
  ),
  BACKUP_TOO_NEW: failure<{ version: string; format: number }>(
    422,
    'user',
    (p) =>
      `The backup was made by Mothership ${p.version} in a format (${p.format}) that this version does not support.`,
    'Upgrade the cluster first, then restore.',
  ),
  BACKUP_PASSPHRASE_WRONG: failure(
    422,
    'user',
    'Wrong passphrase for this backup.',
    'Nothing was changed. The backup cannot be read without the passphrase it was made with.',
  ),
  BACKUP_PASSPHRASE_SHORT: usage<{ least: number }>(
    (p) => `A backup passphrase must have at least ${p.least} characters.`,
  ),
  BACKUP_PASSPHRASES_DIFFER: usage('The two passphrases do not match.'),
  BACKUP_INCOMPLETE: failure<{ why: string }>(
    502,
    'platform',
    (p) => `Could not complete the backup: ${p.why}.`,
    'No file was written. Run the command again.',
  ),
  BACKUP_FILE_EXISTS: usage<{ file: string }>(
    (p) => `The file ${p.file} already exists.`,
    'Choose another name; a backup never overwrites a file.',
  ),
  BACKUP_FILE_UNWRITABLE: failure<{ file: string; why: string }>(
    422,
    'user',
    (p) => `Cannot write the backup to ${p.file}: ${p.why}.`,
  ),
  RESTORE_CONFLICT: failure<{ problems: readonly string[]; replaceable: boolean }>(
    409,
    'user',
    (p) =>
      `The backup conflicts with this cluster:\n${p.problems
        .slice(0, 20)
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    (p) =>
      p.replaceable
        ? 'Nothing was changed. Use --replace to overwrite these apps with their state in the backup.'
        : 'Nothing was changed. Rename or destroy these apps, or free up the names, then restore again.',
  ),
  RESTORE_RUNNING: failure(
    409,
    'user',
    'Another restore is already running on this cluster.',
    'Wait for it to finish.',
  ),
};
