import * as Flags from '@oclif/core/flags';
import { OperationCommand } from './operation-command.ts';

/** A command whose operation starts new processes, switches routes to them and drains the old ones. */
export abstract class ReleaseCommand extends OperationCommand {
  static override baseFlags = {
    ...OperationCommand.baseFlags,
    'no-wait': Flags.boolean({
      description: 'Return once the new processes get requests, without waiting for old ones to drain',
      exclusive: ['detach'],
    }),
  };
}
