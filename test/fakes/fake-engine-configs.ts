import type { ConfigObject, LabelFilter, Labels } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { carries, type FakeRaft } from './fake-engine-raft.ts';

const SMALLEST = 1;
const NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;

/** Configs or secrets of the fake Swarm. */
export class FakeConfigs {
  readonly #raft: FakeRaft;
  readonly #kind: 'config' | 'secret';
  readonly #usedBy: (id: string) => string | undefined;
  readonly #byId = new Map<string, ConfigObject>();

  /** `usedBy` names a service that has the object mounted. */
  constructor(raft: FakeRaft, kind: 'config' | 'secret', usedBy: (id: string) => string | undefined) {
    this.#raft = raft;
    this.#kind = kind;
    this.#usedBy = usedBy;
  }

  list(filter: LabelFilter, namePrefix = ''): ConfigObject[] {
    return [...this.#byId.values()].filter(
      (object) => carries(object.labels, filter) && object.name.startsWith(namePrefix),
    );
  }

  get(nameOrId: string): ConfigObject | undefined {
    return this.#byId.get(nameOrId) ?? [...this.#byId.values()].find((object) => object.name === nameOrId);
  }

  create({ name, labels, data }: { name: string; labels: Labels; data: Buffer }): string {
    const action = `create ${this.#kind} ${name}`;
    const limit = this.#kind === 'config' ? 1_024_000 : 512_000;
    if (!NAME.test(name) || name.length > 64)
      throw fail('ENGINE_FAILED', { action, why: 'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed' });
    if (data.length < SMALLEST || data.length >= limit) {
      throw fail('ENGINE_FAILED', {
        action,
        why: `${this.#kind} data must be larger than 0 and less than ${limit} bytes`,
      });
    }
    if (this.get(name)) throw fail('ENGINE_NAME_TAKEN', { what: `${this.#kind} ${name}` });
    const object: ConfigObject = {
      id: this.#raft.swarmId(this.#kind),
      name,
      version: this.#raft.nextVersion(),
      labels: { ...labels },
      data: Buffer.from(data),
      createdAt: this.#raft.timestamp(),
    };
    this.#store(object, 'create');
    return object.id;
  }

  updateLabels(id: string, version: number, labels: Labels): void {
    const object = this.get(id);
    if (!object)
      throw fail('ENGINE_FAILED', { action: `update ${this.#kind} ${id}`, why: `${this.#kind} ${id} not found` });
    if (object.version !== version) throw fail('CONFLICT', { what: `${this.#kind} ${object.name}` });
    this.#store({ ...object, labels: { ...labels }, version: this.#raft.nextVersion() }, 'update');
  }

  remove(nameOrId: string): void {
    const object = this.get(nameOrId);
    if (!object) return;
    const service = this.#usedBy(object.id);
    if (service) {
      const why = `${this.#kind} '${object.name}' is in use by the following service: ${service}`;
      throw fail('ENGINE_FAILED', { action: `remove ${this.#kind} ${nameOrId}`, why });
    }
    this.#byId.delete(object.id);
    this.#raft.emit(this.#kind, 'remove', object);
  }

  #store(object: ConfigObject, action: string): void {
    this.#byId.set(object.id, object);
    this.#raft.emit(this.#kind, action, object);
  }
}
