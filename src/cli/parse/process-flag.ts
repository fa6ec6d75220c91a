import * as Flags from '@oclif/core/flags';

/** Selects a process of an app. */
export const processFlag = Flags.string({
  description:
    'Process such as web.2 or run.1234, or a process type for its first process; defaults to the first web process',
  helpValue: 'PROCESS',
});
