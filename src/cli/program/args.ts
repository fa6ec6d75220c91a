import * as Args from '@oclif/core/args';

/**
 * An optional positional argument. Unlike oclif's, a missing one is not read from stdin, which belongs to the program
 * that runs.
 */
export const optionalArg = (description: string) => Args.string({ description, ignoreStdin: true });

export const requiredArg = (description: string) => Args.string({ description, ignoreStdin: true, required: true });
