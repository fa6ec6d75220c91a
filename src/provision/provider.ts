import type { EngineAddress } from '#engine';
import type { Machine } from './machine.ts';

export interface MachineRequest {
  readonly cluster: string;
  /** Number of machines per role, including existing ones. */
  readonly managers: number;
  readonly workers: number;
  /** Where to spread them; empty leaves it to the provider. */
  readonly zones: readonly string[];
}

/** One thing that a provider would create; `cost` is text, if it has one. */
export interface ProvisionStep {
  readonly title: string;
  readonly cost?: string;
}

export interface ProvidedMachine {
  /** The provider's id for it. */
  readonly id: string;
  /** Name shown to users; unique within the cluster. */
  readonly name: string;
  readonly machine: Machine;
  readonly engine: EngineAddress;
  /** Where to reach the router from here: its public address. */
  readonly address: string;
  /** Where the cluster's other machines reach it, including Swarm. */
  readonly privateAddress: string;
  readonly zone: string | undefined;
  readonly role: 'manager' | 'worker';
}

/** What a provider has for a cluster, for users. */
export interface MachineInventory {
  /** Where it is, for example `Amazon EC2 in eu-central-1`. */
  readonly where: string;
  /** Each machine with its id or address, and what else was created for them. */
  readonly resources: readonly string[];
}

/**
 * Where machines come from. Everything is tagged with the cluster's name, so that `list` finds it and `destroy` leaves
 * nothing.
 */
export interface Provider {
  readonly name: string;
  /** Whether `destroy` ends every machine, so that nothing has to be removed from it first. */
  readonly endsMachines: boolean;
  plan(request: MachineRequest): Promise<ProvisionStep[]>;
  /** Creates what is missing from the request and returns all of the cluster's machines. */
  create(request: MachineRequest): Promise<ProvidedMachine[]>;
  list(cluster: string): Promise<ProvidedMachine[]>;
  /** Describes what belongs to the cluster, in any state, without connecting to machines. */
  inventory(cluster: string): Promise<MachineInventory>;
  destroy(cluster: string): Promise<void>;
  /**
   * Removes one machine by its private address: terminates it if it was created here, else cleans it up. Returns its
   * known address; undefined if there is no such machine.
   */
  remove(cluster: string, privateAddress: string): Promise<string | undefined>;
  /** Limitations of this kind of machine, as sentences; omitted if there are none. */
  limits?(): Promise<string[]>;
  /** Closes its connections; their `machine` and `engine` cannot be used afterwards. */
  close(): Promise<void>;
}
