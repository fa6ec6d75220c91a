import * as Flags from '@oclif/core/flags';
import { confirmFlag, nodeArg } from '#cli/program/args.ts';
import { contextsFile, findContext, readContexts, saveContext } from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { without } from '#cli/parse/machine-count.ts';
import { NodeCommand } from '#cli/command/node-command.ts';
import { ask, confirmName } from '#cli/output/prompts.ts';
import { isMothershipError } from '#errors';
import type { Host } from '#events';

export default class NodesRemove extends NodeCommand {
  static override summary = 'Remove a node from the cluster';
  static override description =
    'Drains the node, demotes it if it is a manager, and removes it from the cluster. Also ' +
    'removes nodes that are down. Never removes a manager that the others need for a ' +
    'majority. On the machine where you ran setup, also terminates the machine if setup ' +
    'created it, or cleans up the host.';
  static override examples = [
    'mothership nodes:remove node-2',
    'mothership nodes:remove node-2 --confirm node-2',
    'mothership nodes:remove node-2 --keep-machine',
  ];
  static override args = { node: nodeArg };
  static override flags = {
    force: Flags.boolean({ description: 'Proceed even if something is lost or interrupted' }),
    'keep-machine': Flags.boolean({ description: 'Keep the machine as it is' }),
    confirm: confirmFlag('node'),
  };

  async run(): Promise<void> {
    const {
      args: { node },
      flags,
    } = await this.parse(NodesRemove);
    await confirmName(
      this.io,
      node,
      flags.confirm,
      `This removes ${node} from the cluster${flags.force ? ', including data that exists only there' : ''}.`,
    );
    const { address, role } = await this.call('nodesInfo', { params: { node } });
    await this.carryOut(`Removing ${node}`, (api) =>
      api.call('nodesRemove', { params: { node }, query: flags.force ? { force: true } : {} }),
    );
    if (!flags.detach && !flags['keep-machine']) await this.#letGo((await this.session()).context, address, role);
  }

  /** Afterwards, this computer knows one machine less. */
  async #letGo(name: string | undefined, privateAddress: string, role: 'manager' | 'worker'): Promise<void> {
    if (name === undefined) return;
    const file = contextsFile(this.io);
    const context = findContext(await readContexts(file), name);
    if (!context.machines) return;
    const { openFleet } = await import('#setup/open-fleet.ts');
    const host = {
      notify: (event) => this.progress.notify(event),
      ask: (question: never) => ask(this.io, question),
    } as Host;
    const nobody = {
      findToken: () => Promise.resolve(undefined),
      keepMachines: () => Promise.resolve(),
      keepToken: () => Promise.resolve(),
    };
    const { provider } = await openFleet(context.machines, {
      ...fleetOptions(this.io, this.cli, name, host),
      ...nobody,
    });
    try {
      const gone = await provider
        .remove(name, privateAddress)
        .catch((error: unknown) => this.#unreached(error, privateAddress));
      if (gone === undefined) return;
      const address = (context.address ?? '')
        .split(',')
        .filter((each) => each !== gone)
        .join(',');
      await saveContext(file, name, { ...context, address, machines: without(context.machines, role, gone) });
    } finally {
      await provider.close();
    }
  }

  /** A broken host cannot be cleaned up, but has still left the cluster. */
  #unreached(error: unknown, address: string): string {
    if (!isMothershipError(error) || !error.code.startsWith('SSH_')) throw error;
    this.notice(`${error.message} Mothership's files remain on ${address}.`, 'warning');
    return address;
  }
}
