import type { LabelFilter, NetworkInfo, NetworkOptions } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { carries, type FakeRaft } from './fake-engine-raft.ts';

interface FakeNetwork extends NetworkInfo {
  /** Second byte of its 127.x.0.0/16: who dials a task gets no further than this machine. */
  readonly number: number;
}

export class FakeNetworks {
  readonly #raft: FakeRaft;
  readonly #usedBy: (id: string) => string | undefined;
  readonly #byId = new Map<string, FakeNetwork>();
  #addresses = 1;

  constructor(raft: FakeRaft, usedBy: (id: string) => string | undefined) {
    this.#raft = raft;
    this.#usedBy = usedBy;
  }

  list(filter: LabelFilter): NetworkInfo[] {
    return [...this.#byId.values()].filter((network) => carries(network.labels, filter));
  }

  get(nameOrId: string): FakeNetwork | undefined {
    return this.#byId.get(nameOrId) ?? [...this.#byId.values()].find((network) => network.name === nameOrId);
  }

  create({ name, driver, labels }: NetworkOptions): string {
    if (this.get(name)) throw fail('ENGINE_NAME_TAKEN', { what: `network ${name}` });
    const id = driver === 'overlay' ? this.#raft.swarmId('network') : this.#raft.hexId();
    this.#byId.set(id, { id, name, driver, labels: { ...labels }, number: this.#byId.size });
    this.#raft.emit('network', 'create', { id });
    return id;
  }

  remove(nameOrId: string): void {
    const network = this.get(nameOrId);
    if (!network) return;
    const user = this.#usedBy(network.id);
    if (user)
      throw fail('ENGINE_FAILED', {
        action: `remove network ${nameOrId}`,
        why: `network ${network.name} is in use by ${user}`,
      });
    this.#byId.delete(network.id);
    this.#raft.emit('network', 'remove', network);
  }

  /** A new address in the network with this id or name. */
  address(nameOrId: string): { network: string; address: string } | undefined {
    const network = this.get(nameOrId);
    const host = ++this.#addresses;
    return network && { network: network.id, address: `127.${network.number + 1}.${host >> 8}.${host & 255}` };
  }
}
