import { whereIs, type EngineAddress } from '#engine';
import { LocalMachine } from './local-machine.ts';
import type { MachineInventory, ProvidedMachine, Provider, ProvisionStep } from '../provider.ts';

/** The engine on this machine: nothing to create or destroy. */
export class LocalProvider implements Provider {
  readonly name = 'local';
  readonly endsMachines = false;
  readonly #machine: ProvidedMachine;

  /** `address`: where to reach published ports from here; defaults to the engine's host. */
  constructor(engine: EngineAddress, address?: string) {
    const host = 'host' in engine ? engine.host : '127.0.0.1';
    const machine = new LocalMachine();
    this.#machine = {
      id: machine.name,
      name: machine.name,
      machine,
      engine,
      address: address ?? host,
      privateAddress: address ?? host,
      zone: undefined,
      role: 'manager',
    };
  }

  plan(): Promise<ProvisionStep[]> {
    return Promise.resolve([]);
  }

  create(): Promise<ProvidedMachine[]> {
    return Promise.resolve([this.#machine]);
  }

  list(): Promise<ProvidedMachine[]> {
    return Promise.resolve([this.#machine]);
  }

  inventory(): Promise<MachineInventory> {
    return Promise.resolve({ where: whereIs(this.#machine.engine), resources: [this.#machine.name] });
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
