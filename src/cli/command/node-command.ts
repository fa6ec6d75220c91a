import * as Flags from '@oclif/core/flags';
import type { Operation } from '#api';
import { BaseCommand } from './base-command.ts';
import type { ApiClient } from '../api/client.ts';
import { OperationFollower } from './operation-follower.ts';

type FollowFlags = { readonly json?: boolean; readonly context?: string | undefined; readonly detach?: boolean };

/** A command that changes nodes with an operation and follows it. */
export abstract class NodeCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    detach: Flags.boolean({ description: 'Start it, print its id and return' }),
  };

  /** Prints the result, or with --detach the operation. */
  protected async carryOut(
    flags: FollowFlags,
    label: string,
    begin: (api: ApiClient) => Promise<Operation>,
  ): Promise<void> {
    const api = await this.api(flags);
    this.progress.start(label);
    try {
      const operation = await begin(api);
      if (flags.detach) {
        this.progress.done('started');
        return this.print(flags, operation, () => [operation.id]);
      }
      const result = await new OperationFollower(api, this.io, this.progress).follow(operation);
      this.progress.done();
      this.print(flags, result, () => (result['moved'] as string[] | undefined) ?? []);
    } catch (error) {
      this.progress.failed();
      throw error;
    }
  }
}
