import { counted } from '#values/counted.ts';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, saveContext, saveMachines, type Context } from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { grown } from '#cli/parse/machine-count.ts';
import { isInteractive } from '#cli/program/io.ts';
import { OperationFollower } from '#cli/command/operation-follower.ts';
import { ask } from '#cli/output/prompts.ts';
import { findMachineContext } from '#cli/session/session.ts';
import { fail } from '#errors';
import { Secret, type Host } from '#events';
import type { MachineSource } from '#provision';

export default class NodesAdd extends BaseCommand {
  static override summary = 'Add machines to the cluster';
  static override description =
    'Adds SSH hosts with --host, or more machines from the provider with --count. Installs ' +
    'Docker Engine, joins them to the cluster, and schedules new processes there; ' +
    '`nodes:rebalance` moves existing ones. Run it on the machine where you ran setup. If it ' +
    'is interrupted, run it again.';
  static override examples = [
    'mothership nodes:add --host root@192.0.2.8=b',
    'mothership nodes:add --count 2 --rebalance',
    'mothership nodes:add --count 1 --role manager',
  ];
  static override flags = {
    host: Flags.string({
      description: 'user@address[:port][=zone], comma-separated',
      helpValue: 'HOST',
      multiple: true,
    }),
    count: Flags.integer({
      description: 'Number of machines to create with the provider',
      helpValue: 'N',
      min: 1,
      max: 50,
    }),
    role: Flags.option({
      options: ['worker', 'manager'] as const,
      description: 'Role of the new nodes',
      default: 'worker' as const,
    })(),
    rebalance: Flags.boolean({
      description: 'Move some existing processes to the new nodes immediately',
      allowNo: true,
    }),
    verbose: Flags.boolean({ description: 'Show the output of the installation' }),
    yes: Flags.boolean({ char: 'y', description: 'Do not prompt' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(NodesAdd);
    const named = await findMachineContext(this.io, flags.context);
    if (!named) throw fail('CONTEXT_NEEDED', {});
    const { name, ...context } = named;
    if (!context.machines) throw fail('NODES_ADD_ELSEWHERE', { context: name });
    if (context.url === '') throw fail('CONTEXT_UNFINISHED', { context: name });
    if (context.token === '') throw fail('UNAUTHENTICATED', {});
    const machines = grown(context.machines, flags);
    const added = await this.#grow(name, context, machines, flags);
    if (!added) return;
    this.print({ cluster: name, machines: added }, () => [
      `The cluster ${name} has ${counted(added.length, 'nodes')}.`,
    ]);
    if (flags.rebalance ?? (await this.#wantsRebalance(flags.yes))) return this.#rebalance(name);
    if (flags.rebalance === undefined)
      this.notice('Run `mothership nodes:rebalance` to move some existing processes to the new nodes');
  }

  async #wantsRebalance(yes: boolean): Promise<boolean> {
    if (yes || !isInteractive(this.io)) return false;
    return ask(this.io, {
      kind: 'confirm',
      message: 'Move some existing processes to the new nodes now? No requests are dropped.',
      flag: '--rebalance',
      initial: true,
    });
  }

  async #rebalance(context: string): Promise<void> {
    this.given = { context };
    const api = await this.api();
    this.progress.start('Rebalancing');
    await new OperationFollower(api, this.io, this.progress).follow(await api.call('nodesRebalance'));
    this.progress.done();
  }

  async #grow(
    name: string,
    context: Context,
    machines: MachineSource,
    { yes, verbose }: { yes: boolean; verbose: boolean },
  ) {
    const [{ Fleet }, { openFleet }] = await Promise.all([import('#cluster'), import('#setup/open-fleet.ts')]);
    const host = {
      notify: (event) => (event.type !== 'output' || verbose) && this.progress.notify(event),
      ask: (question: never) => ask(this.io, question),
    } as Host;
    const parts = await openFleet(machines, {
      ...fleetOptions(this.io, this.cli, name, host),
      findToken: () => Promise.resolve(new Secret(context.token)),
      // Given hosts are found only by what is recorded; created machines by their tags.
      keepMachines: async () => {
        if (machines.provider === 'ssh') await saveMachines(contextsFile(this.io), name, machines);
      },
      keepToken: () => Promise.resolve(),
    });
    try {
      const { managers, workers, zones } = machines;
      const result = await this.stoppable((signal) =>
        new Fleet(parts).run({ cluster: name, managers, workers, zones }, { address: '', name, yes }, signal),
      );
      if (!result) return undefined;
      await saveContext(contextsFile(this.io), name, {
        ...context,
        address: result.machines.map(({ address }) => address).join(','),
        machines,
      });
      return result.machines;
    } finally {
      await parts.provider.close();
    }
  }
}
