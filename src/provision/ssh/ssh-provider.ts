import { fail } from '#errors';
import type { Clock, Host } from '#events';
import { SshConnection, targetText, type KnownHosts, type SshIdentity, type SshTarget } from '#remote';
import { withdraw } from '../bootstrap/index.ts';
import type { MachineInventory, MachineRequest, ProvidedMachine, Provider, ProvisionStep } from '../provider.ts';
import type { SshHost } from './ssh-hosts.ts';
import { SshMachine } from './ssh-machine.ts';

interface SshProviderOptions {
  /** Managers first. */
  readonly hosts: readonly SshHost[];
  /** Number of managers, if not in the request. */
  readonly managers: number;
  readonly identity: SshIdentity;
  readonly knownHosts: KnownHosts;
  readonly host: Host;
  readonly clock: Clock;
  /** The jump host, if hosts are not reached directly. */
  readonly bastion?: SshTarget | undefined;
  /** How long a host may take to boot. */
  readonly patienceMs?: number | undefined;
}

/** Existing machines over SSH: none is created or destroyed. */
export class SshProvider implements Provider {
  readonly name = 'ssh';
  readonly endsMachines = false;
  readonly #bastion: SshConnection | undefined;
  readonly #connections = new Map<SshHost, SshConnection>();

  constructor(private readonly options: SshProviderOptions) {
    this.#bastion = options.bastion
      ? new SshConnection({ ...options, target: options.bastion, bastion: undefined })
      : undefined;
  }

  /** Logs in to every host, so that nothing is planned for one that refuses. */
  async plan(request: MachineRequest): Promise<ProvisionStep[]> {
    const hosts = this.#chosen(request);
    await this.#open(hosts, request.managers);
    return hosts.map(({ target, zone }, index) => ({
      title: `Use ${targetText(target)} as a ${roleOf(index, request.managers)}${zone ? ` in zone ${zone}` : ''}`,
    }));
  }

  async create(request: MachineRequest): Promise<ProvidedMachine[]> {
    return this.#open(this.#chosen(request), request.managers);
  }

  list(_cluster: string): Promise<ProvidedMachine[]> {
    return this.#open(this.options.hosts, this.options.managers);
  }

  inventory(_cluster: string): Promise<MachineInventory> {
    const resources = this.options.hosts.map(({ target }) => targetText(target));
    return Promise.resolve({ where: 'hosts over SSH', resources });
  }

  /** The hosts stay; their preparation is undone elsewhere. */
  destroy(_cluster: string): Promise<void> {
    return Promise.resolve();
  }

  /** Undoes the host's preparation; the host stays. Throws SSH errors if it does not respond. */
  async remove(_cluster: string, privateAddress: string): Promise<string | undefined> {
    const host = await this.#hostAt(privateAddress);
    if (host) await withdraw(await SshMachine.open(this.#connectionTo(host)));
    return host?.target.host;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
    await this.#bastion?.close();
  }

  #chosen({ managers, workers }: MachineRequest): readonly SshHost[] {
    const { hosts } = this.options;
    if (hosts.length !== managers + workers)
      throw fail('SSH_HOSTS_MISCOUNTED', { given: hosts.length, managers, workers });
    return hosts;
  }

  /** Hosts are only asked if their own address differs. */
  async #hostAt(privateAddress: string): Promise<SshHost | undefined> {
    const { hosts } = this.options;
    const known = hosts.find(({ target }) => target.host === privateAddress);
    if (known) return known;
    const asked = await Promise.allSettled(
      hosts.map(async (host) => (await SshMachine.open(this.#connectionTo(host))).addresses()),
    );
    return hosts.find((_, index) => {
      const answer = asked[index]!;
      return answer.status === 'fulfilled' && answer.value.includes(privateAddress);
    });
  }

  async #open(hosts: readonly SshHost[], managers: number): Promise<ProvidedMachine[]> {
    const machines = await Promise.all(hosts.map((host, index) => this.#provide(host, roleOf(index, managers))));
    const named = (name: string): number => machines.filter((each) => each.name === name).length;
    return machines.map((each) =>
      named(each.name) > 1 ? { ...each, name: `${each.name}-${each.privateAddress.replaceAll('.', '-')}` } : each,
    );
  }

  async #provide(host: SshHost, role: 'manager' | 'worker'): Promise<ProvidedMachine> {
    const connection = this.#connectionTo(host);
    const machine = await SshMachine.open(connection);
    const address = host.target.host;
    const addresses = await machine.addresses();
    // If the address is not the machine's own, it is translated, so others on its network use its own.
    const privateAddress = addresses.includes(address) ? address : (addresses[0] ?? address);
    return {
      id: connection.where,
      name: machine.name,
      machine,
      engine: machine.engine,
      address,
      privateAddress,
      zone: host.zone,
      role,
    };
  }

  #connectionTo(host: SshHost): SshConnection {
    const known = this.#connections.get(host);
    if (known) return known;
    const made = new SshConnection({ ...this.options, target: host.target, bastion: this.#bastion });
    this.#connections.set(host, made);
    return made;
  }
}

function roleOf(index: number, managers: number): 'manager' | 'worker' {
  return index < managers ? 'manager' : 'worker';
}
