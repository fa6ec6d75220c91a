import * as Flags from '@oclif/core/flags';
import type { Run } from '#api';
import { fail } from '#errors';
import { AppCommand } from './base-command.ts';
import { parseAssignment } from '../parse/env-file.ts';

interface RunFlags {
  readonly json?: boolean;
  readonly app?: string | undefined;
  readonly context?: string | undefined;
  readonly env?: string[] | undefined;
  readonly type?: string | undefined;
}

const VALUED_FLAGS = ['-a', '--app', '-e', '--env', '--type', '--ps', '--context'];

/**
 * Splits our flags from the program and its arguments, which start at the first word that is not a flag. Without `--`,
 * the app may also come last, as Heroku's users expect: `run bash -a shop`. oclif must not see the program's words,
 * because it sorts its results and loses duplicates.
 */
export function separateCommand(argv: readonly string[]): { own: string[]; command: string[] } {
  let index = 0;
  while (index < argv.length && argv[index]!.startsWith('-') && argv[index] !== '--')
    index += VALUED_FLAGS.includes(argv[index]!) ? 2 : 1;
  const own = argv.slice(0, index);
  if (argv[index] === '--') return { own, command: argv.slice(index + 1) };
  const command = argv.slice(index);
  const isNamed = own.some((word) => /^(-a|--app(=|$))/.test(word)) || command.includes('--');
  const last = isNamed
    ? 0
    : ['-a', '--app'].includes(command.at(-2) ?? '')
      ? 2
      : /^--app=/.test(command.at(-1) ?? '')
        ? 1
        : 0;
  return last > 0 && command.length > last
    ? { own: [...own, ...command.slice(-last)], command: command.slice(0, -last) }
    : { own, command };
}

/** A command that starts a one-off process; everything from the first word on belongs to the process. */
export abstract class RunCommand extends AppCommand {
  static override passesThrough = true;
  static override flags = {
    env: Flags.string({
      char: 'e',
      multiple: true,
      multipleNonGreedy: true,
      description: 'Config var for this process only; can be repeated',
      helpValue: 'KEY=VALUE',
    }),
    type: Flags.string({ description: 'Process type whose size to use', helpValue: 'TYPE' }),
  };

  protected async create(
    flags: RunFlags,
    command: readonly string[],
    how: { tty?: boolean; detached?: boolean },
  ): Promise<{ app: string; run: Run }> {
    if (command.length === 0) throw fail('USAGE_INVALID', { why: 'No command given', command: 'run' });
    const app = await this.app();
    const { columns, rows } = this.io.stdout;
    const body = {
      command: [...command],
      ...how,
      ...(how.tty && columns && rows ? { columns, rows } : {}),
      ...(flags.env ? { env: Object.fromEntries(flags.env.map(parseAssignment)) } : {}),
      ...(flags.type ? { type: flags.type } : {}),
    };
    return { app, run: await this.call('runCreate', { params: { app }, body }) };
  }
}
