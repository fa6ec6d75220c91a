import * as Flags from '@oclif/core/flags';
import type { Operation } from '#api';
import { AppCommand } from './base-command.ts';
import type { ApiClient } from '../api/client.ts';
import { OperationFollower, type FollowOptions } from './operation-follower.ts';

/**
 * A command that starts an operation on an app and follows it: to its end, or with --no-wait until routes have switched.
 */
export abstract class OperationCommand extends AppCommand {
  static override baseFlags = {
    ...AppCommand.baseFlags,
    detach: Flags.boolean({ description: 'Return at once, and print the id of the operation' }),
  };

  /**
   * Starts an operation under a label such as `Scaling shop`, follows it, and returns its result; with --detach prints
   * the operation's id and returns undefined.
   */
  protected async carryOut(
    label: string,
    begin: (api: ApiClient) => Promise<Operation>,
  ): Promise<Record<string, unknown> | undefined> {
    const api = await this.api();
    this.progress.start(label);
    try {
      return await this.follow(await begin(api));
    } catch (error) {
      this.progress.failed();
      throw error;
    }
  }

  protected async follow(operation: Operation): Promise<Record<string, unknown> | undefined> {
    if (this.given.detach) {
      this.progress.done('started');
      this.print(operation, () => [operation.id]);
      return undefined;
    }
    const options: FollowOptions = this.given['no-wait'] ? { until: 'routed' } : {};
    const result = await new OperationFollower(await this.api(), this.io, this.progress).follow(operation, options);
    const release = result['release'];
    this.progress.done(typeof release === 'number' ? `done, v${release}` : 'done');
    return result;
  }
}
