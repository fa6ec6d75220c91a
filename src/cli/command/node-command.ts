import * as Flags from '@oclif/core/flags';
import type { Operation } from '#api';
import { BaseCommand } from './base-command.ts';
import type { ApiClient } from '../api/client.ts';
import { OperationFollower } from './operation-follower.ts';

/** A command that changes nodes with an operation and follows it. */
export abstract class NodeCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    detach: Flags.boolean({ description: 'Return at once, and print the id of the operation' }),
  };

  /** Prints the result, or with --detach the operation. */
  protected async carryOut(label: string, begin: (api: ApiClient) => Promise<Operation>): Promise<void> {
    const api = await this.api();
    this.progress.start(label);
    try {
      const operation = await begin(api);
      if (this.given.detach) {
        this.progress.done('started');
        return this.print(operation, () => [operation.id]);
      }
      const result = await new OperationFollower(api, this.io, this.progress).follow(operation);
      this.progress.done();
      this.print(result, () => (result['moved'] as string[] | undefined) ?? []);
    } catch (error) {
      this.progress.failed();
      throw error;
    }
  }
}
