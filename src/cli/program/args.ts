import * as Args from '@oclif/core/args';

/** A positional argument. Unlike oclif's own, a missing one is not read from stdin: that belongs to the program run. */
export const optionalArg = (description: string) => Args.string({ description, ignoreStdin: true });

export const requiredArg = (description: string) => Args.string({ description, ignoreStdin: true, required: true });
