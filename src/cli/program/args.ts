import * as Args from '@oclif/core/args';
import { fail } from '#errors';
import * as Flags from '@oclif/core/flags';

/**
 * An optional positional argument. Unlike oclif's, a missing one is not read from stdin, which belongs to the program
 * that runs.
 */
export const optionalArg = (description: string) =>
  Args.string({ description, ignoreStdin: true, parse: notEmpty(description) });

export const requiredArg = (description: string) =>
  Args.string({ description, ignoreStdin: true, required: true, parse: notEmpty(description) });

/** An empty argument is usually a shell variable that is not set. Throws ARGUMENT_EMPTY. */
const notEmpty =
  (expected: string) =>
  (given: string): Promise<string> => {
    if (given === '') throw fail('ARGUMENT_EMPTY', { expected });
    return Promise.resolve(given);
  };

export const nodeArg = requiredArg('Name, address or id of the node');

/** `--confirm`: the name of what is destroyed. */
export const confirmFlag = (what: 'app' | 'cluster' | 'node') =>
  Flags.string({ char: 'c', description: `Name of the ${what}, to skip the prompt`, helpValue: 'NAME' });
