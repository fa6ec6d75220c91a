import type { EngineAddress } from '../engine/index.ts';
import type { Machine } from './machine.ts';

export interface MachineRequest {
  readonly cluster: string;
  readonly role: 'manager' | 'worker';
  readonly count: number;
}

/** One thing that a provider would make; `cost` in words, when it has one. */
export interface ProvisionStep {
  readonly title: string;
  readonly cost?: string;
}

export interface ProvidedMachine {
  /** The provider's own name of it. */
  readonly id: string;
  readonly machine: Machine;
  readonly engine: EngineAddress;
  /** Where the router answers from here. */
  readonly address: string;
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
}
