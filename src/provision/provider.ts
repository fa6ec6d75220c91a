import type { EngineAddress } from '../engine/index.ts';
import type { Machine } from './machine.ts';

export interface MachineRequest {
  readonly cluster: string;
  /** How many machines of each role, those included which exist. */
  readonly managers: number;
  readonly workers: number;
  /** Where to spread them; empty leaves it to the provider. */
  readonly zones: readonly string[];
}

/** One thing that a provider would make; `cost` in words, when it has one. */
export interface ProvisionStep {
  readonly title: string;
  readonly cost?: string;
}

export interface ProvidedMachine {
  /** The provider's own name of it. */
  readonly id: string;
  /** What people call it; no other machine of the cluster has the same. */
  readonly name: string;
  readonly machine: Machine;
  readonly engine: EngineAddress;
  /** Where the router answers from here: its public address. */
  readonly address: string;
  /** Where the cluster's other machines reach it; it listens to the Swarm there. */
  readonly privateAddress: string;
  readonly zone: string | undefined;
  readonly role: 'manager' | 'worker';
}

/**
 * Where machines come from. Everything it makes is tagged with the cluster's name, so that `list` finds it again
 * and `destroy` leaves nothing.
 */
export interface Provider {
  readonly name: string;
  plan(request: MachineRequest): Promise<ProvisionStep[]>;
  /** Makes what is missing of the request; answers all of the cluster's machines. */
  create(request: MachineRequest): Promise<ProvidedMachine[]>;
  list(cluster: string): Promise<ProvidedMachine[]>;
  destroy(cluster: string): Promise<void>;
  /**
   * Lets one machine go, by its private address: ends it when it was made here, else takes back what made it a node.
   * Answers the address by which it was known; undefined when there is none such.
   */
  remove(cluster: string, privateAddress: string): Promise<string | undefined>;
  /** What machines of this kind cannot show, in sentences for the cluster's owner; missing where there is nothing to say. */
  limits?(): Promise<string[]>;
  /** Lets its connections to the machines go; their `machine` and `engine` cannot be used any more. */
  close(): Promise<void>;
}
