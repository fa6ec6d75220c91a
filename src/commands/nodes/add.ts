import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { contextsFile, findContext, readContexts, saveContext, type Context } from '../../cli/contexts.ts';
import { fleetOptions } from '../../cli/fleet-options.ts';
import { ask } from '../../cli/prompts.ts';
import { fail } from '../../errors/index.ts';
import { Secret, type Host } from '../../events/index.ts';
import type { MachineSource } from '../../provision/index.ts';

export default class NodesAdd extends BaseCommand {
  static override summary = 'Add machines to the cluster';
  static override description = 'Hosts by SSH with --host, or more machines of the provider with --count. They get an engine, join, and take new work from then on; `nodes:rebalance` moves some of what runs already. Run it where setup ran; again after an interruption.';
  static override examples = ['mothership nodes:add --host root@192.0.2.8=b', 'mothership nodes:add --count 2', 'mothership nodes:add --count 1 --role manager'];
  static override flags = {
    host: Flags.string({ description: 'user@address[:port][=zone]; several with commas', helpValue: 'HOST', multiple: true }),
    count: Flags.integer({ description: 'So many machines of a provider that makes them', helpValue: 'N', min: 1, max: 50 }),
    role: Flags.option({ options: ['worker', 'manager'] as const, description: 'What they are', default: 'worker' as const })(),
    verbose: Flags.boolean({ description: 'Show the output of installing' }),
    yes: Flags.boolean({ char: 'y', description: 'Do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(NodesAdd);
    const known = await readContexts(contextsFile(this.io));
    const name = flags.context ?? known.current;
    if (!name) throw fail('CONTEXT_NEEDED', {});
    const context = findContext(known, name);
    if (!context.machines) throw fail('NODES_ADD_ELSEWHERE', { context: name });
    const machines = grown(context.machines, flags);
    const added = await this.#grow(name, context, machines, flags);
    if (!added) return;
    this.print(flags, { cluster: name, machines: added }, () => [
      `The cluster ${name} has ${added.length} nodes.`, 'Run `mothership nodes:rebalance` to move some of what runs to the new ones.',
    ]);
  }

  async #grow(name: string, context: Context, machines: MachineSource, { yes, verbose }: { yes: boolean; verbose: boolean }) {
    const [{ Fleet }, { openFleet }] = await Promise.all([import('../../cluster/index.ts'), import('../../platform/fleet.ts')]);
    const host = {
      notify: (event) => (event.type !== 'output' || verbose) && this.progress.notify(event),
      ask: (question: never) => ask(this.io, question),
    } as Host;
    const parts = await openFleet(machines, {
      ...fleetOptions(this.io, this.cli, name, host), findToken: () => Promise.resolve(new Secret(context.token)), keepToken: () => Promise.resolve(),
    });
    const abort = new AbortController();
    const release = this.io.onSignal('SIGINT', () => abort.abort());
    try {
      const { managers, workers, zones } = machines;
      const result = await new Fleet(parts).run({ cluster: name, managers, workers, zones }, { address: '', name, yes }, abort.signal);
      if (!result) return undefined;
      await saveContext(contextsFile(this.io), name, { ...context, address: result.machines.map(({ address }) => address).join(','), machines });
      return result.machines;
    } finally {
      release();
      await parts.provider.close();
    }
  }
}

/** The machines there were and the new ones. Managers stand before workers in a list of hosts. */
function grown(before: MachineSource, { host, count, role }: { host?: string[] | undefined; count?: number | undefined; role: 'worker' | 'manager' }): MachineSource {
  const refuse = (option: string, why: string): never => {
    throw fail('SETUP_OPTION_INVALID', { option, given: String(host ?? count ?? ''), why });
  };
  const fresh = (host ?? []).flatMap((each) => each.split(',')).map((each) => each.trim()).filter(Boolean);
  if (before.provider === 'ssh') {
    if (fresh.length === 0) refuse('host', 'name the hosts to add, as root@192.0.2.8');
    const hosts = role === 'manager'
      ? [...before.hosts.slice(0, before.managers), ...fresh, ...before.hosts.slice(before.managers)]
      : [...before.hosts, ...fresh];
    return { ...before, hosts, ...more(before, role, fresh.length) };
  }
  if (fresh.length > 0) refuse('host', `this cluster's machines come from ${before.provider}; say --count`);
  if (!count) refuse('count', 'say how many');
  return { ...before, ...more(before, role, count!) };
}

function more({ managers, workers }: MachineSource, role: 'worker' | 'manager', count: number): Pick<MachineSource, 'managers' | 'workers'> {
  return role === 'manager' ? { managers: managers + count, workers } : { managers, workers: workers + count };
}
