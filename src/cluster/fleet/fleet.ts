import { counted } from '#values/counted.ts';
import type { Engine, EngineAddress } from '#engine';
import { fail } from '#errors';
import { inPhase } from '#events';
import type { HostNeeds, Machine, MachineRequest, ProvidedMachine, Provider } from '#provision';
import type { Store } from '#store';
import { FleetJoin } from './fleet-join.ts';
import { onAll, type Member } from './member.ts';
import { trust } from '../names.ts';
import { checkName } from '../setup/options.ts';
import { Setup, type RunOptions, type SetupParts, type SetupResult } from '../setup/setup.ts';

export interface FleetParts extends Omit<SetupParts, 'engine' | 'store' | 'machine' | 'provider' | 'trustRegistry'> {
  readonly provider: Provider;
  readonly engineAt: (address: EngineAddress) => Engine;
  readonly storeOn: (engine: Engine) => Store;
  /** Called before the first machine is created or changed, so that an interrupted run can be undone. */
  readonly keepMachines: () => Promise<void>;
  /** Prepares the host to be a node; idempotent. */
  readonly bootstrap: (machine: Machine, needs: HostNeeds) => Promise<void>;
}

interface FleetResult extends SetupResult {
  readonly machines: readonly Pick<ProvidedMachine, 'id' | 'name' | 'address' | 'zone' | 'role'>[];
}

/** Turns several machines into one cluster. Observes before it acts, so an interrupted run can be repeated. */
export class Fleet {
  constructor(private readonly parts: FleetParts) {}

  /** Throws SETUP_OPTION_INVALID, errors of the provider, the hosts and setup, or CANCELLED. */
  async run(request: MachineRequest, options: RunOptions, signal?: AbortSignal): Promise<FleetResult | undefined> {
    checkName(request.cluster);
    if (!(await this.#agreed(request, options))) return undefined;
    const members = await this.#members(request, signal);
    await this.#prepare(members, signal);
    const first = await firstManager(members);
    const result = await this.#setup(first, members, options, signal);
    const join = new FleetJoin({
      ...this.parts,
      first,
      members,
      prepare: (machines) => this.#trust(first, machines, members),
      signal,
    });
    await join.run();
    return {
      ...result,
      machines: members.map(({ id, name, address, zone, role }) => ({ id, name, address, zone, role })),
    };
  }

  /** Shows the machines and their cost. Returns false if only the plan was requested. */
  async #agreed(request: MachineRequest, options: RunOptions): Promise<boolean> {
    const { provider, host } = this.parts;
    const steps = await provider.plan(request);
    const lines = [
      ...steps.map(({ title, cost }) => (cost ? `${title} (${cost})` : title)),
      `Prepare ${counted(request.managers + request.workers, 'machines')}: Docker Engine, firewall, trust ` +
        `in the cluster's registry`,
      'Set up the first manager with a registry, run an agent on every node, and join the others',
    ];
    for (const [n, line] of lines.entries())
      host.notify({ type: 'notice', level: 'info', message: `${n + 1}. ${line}` });
    if (options.planOnly) return false;
    if (options.yes || (await host.ask({ kind: 'confirm', message: 'Proceed?', flag: '--yes', initial: true })))
      return true;
    throw fail('CANCELLED', { what: 'Setup' });
  }

  async #members(request: MachineRequest, signal?: AbortSignal): Promise<Member[]> {
    const { provider, engineAt, keepMachines } = this.parts;
    await keepMachines();
    return this.#timed('machines', signal, async () =>
      (await provider.create(request)).map((machine) => ({ ...machine, api: engineAt(machine.engine) })),
    );
  }

  async #prepare(members: readonly Member[], signal?: AbortSignal): Promise<void> {
    const peers = members.map(({ privateAddress }) => privateAddress);
    await this.#timed('hosts', signal, () => onAll(members, ({ machine }) => this.parts.bootstrap(machine, { peers })));
  }

  async #setup(
    first: Member,
    members: readonly Member[],
    options: RunOptions,
    signal?: AbortSignal,
  ): Promise<SetupResult> {
    const setup = new Setup({
      ...this.parts,
      engine: first.api,
      store: this.parts.storeOn(first.api),
      machine: first.machine,
      provider: this.parts.provider.name,
      trustRegistry: (ca) => this.#install(first, members, members, ca),
    });
    return setup.run(
      {
        ...options,
        address: first.address,
        advertiseAddress: first.privateAddress,
        nodes: 'many',
        yes: true,
        interactive: false,
      },
      signal,
    );
  }

  async #trust(first: Member, machines: readonly Member[], members: readonly Member[]): Promise<void> {
    const ca = await first.api.config(trust.ca);
    if (ca) await this.#install(first, machines, members, ca.data);
  }

  /**
   * The first manager's registry has all images; the controller copies them to the others, and later tells nodes which
   * registry is nearest.
   */
  async #install(first: Member, machines: readonly Member[], members: readonly Member[], ca: Buffer): Promise<void> {
    const peers = members.map(({ privateAddress }) => privateAddress);
    const others = members.filter((member) => member.role === 'manager' && member.id !== first.id);
    const addresses = [first, ...others].map(({ privateAddress }) => privateAddress);
    await onAll(machines, ({ machine }) =>
      this.parts.bootstrap(machine, { peers, registry: { host: trust.registry, ca, addresses } }),
    );
  }

  #timed<T>(phase: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const { host, clock } = this.parts;
    signal?.throwIfAborted();
    return inPhase(phase, work, { clock, emit: (event) => host.notify(event) });
  }
}

/** Prefers a machine that already manages a Swarm, else the first future manager. */
async function firstManager(members: readonly Member[]): Promise<Member> {
  const managers = members.filter(({ role }) => role === 'manager');
  for (const member of managers) {
    if ((await member.api.info()).swarm === 'manager') return member;
  }
  return managers[0]!;
}
