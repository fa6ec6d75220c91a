import { fail } from '#errors';
import { Secret } from '#events';
import type { Io } from '../program/io.ts';
import { ask } from '../output/prompts.ts';

const VARIABLE = 'MOTHERSHIP_BACKUP_PASSPHRASE';
const LEAST = 8;

/** Prompts twice for a new passphrase. Never from the command line, where others could see it. */
export async function newPassphrase(io: Io): Promise<Secret> {
  const given = io.env[VARIABLE];
  const value = given ?? (await asked(io, 'Passphrase for the backup (the backup cannot be read without it):'));
  if (value.length < LEAST) throw fail('BACKUP_PASSPHRASE_SHORT', { least: LEAST });
  if (given === undefined && (await asked(io, 'Repeat the passphrase:')) !== value)
    throw fail('BACKUP_PASSPHRASES_DIFFER', {});
  return new Secret(value);
}

export async function knownPassphrase(io: Io): Promise<Secret> {
  return new Secret(io.env[VARIABLE] ?? (await asked(io, 'Passphrase of the backup:')));
}

function asked(io: Io, message: string): Promise<string> {
  return ask(io, { kind: 'secret', message, flag: VARIABLE });
}
