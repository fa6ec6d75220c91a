import type { EngineInfo, JoinOptions, NodeChange, NodeInfo } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { Secret } from '../../src/events/index.ts';
import type { FakeRaft } from './fake-engine-raft.ts';

/** Engines whose managers `joinSwarm` of this one can reach. */
export interface Neighbour {
  readonly nodeList: FakeNodes;
}

const TOKENS = { manager: 'SWMTKN-1-fake-manager', worker: 'SWMTKN-1-fake-worker' } as const;

/** The nodes of the fake Swarm; the first is the engine's own. */
export class FakeNodes {
  readonly #raft: FakeRaft;
  readonly #neighbours: readonly Neighbour[];
  #all: NodeInfo[];
  /** Set when this engine has joined another's Swarm: it answers as a node of that. */
  #joined: { readonly swarm: FakeNodes; readonly id: string } | undefined;

  constructor(raft: FakeRaft, given: readonly Partial<NodeInfo>[], neighbours: readonly Neighbour[]) {
    this.#raft = raft;
    this.#neighbours = neighbours;
    this.#all = [];
    for (const node of given) this.#all.push(this.#make(node));
  }

  get all(): readonly NodeInfo[] {
    return this.#all;
  }

  info(): EngineInfo {
    const self = this.#joined ? this.#joined.swarm.find(this.#joined.id) : this.#all[0];
    return {
      ...{
        name: self?.hostname ?? 'fake',
        version: '26.1.5',
        apiVersion: '1.45',
        architecture: 'x86_64',
        cpus: 2,
        memoryBytes: 8e9,
      },
      ...{
        swarm: self ? self.role : 'inactive',
        nodeId: self?.id ?? '',
        nodeAddress: self?.address ?? '',
        warnings: [],
        slices: false,
      },
    };
  }

  init(address: string): void {
    if (this.#all.length > 0)
      throw fail('ENGINE_FAILED', { action: 'start a Swarm', why: 'This node is already part of a swarm' });
    this.#all = [this.#make({ address })];
  }

  join({ token, managers, advertiseAddress }: JoinOptions): void {
    const action = `join the Swarm at ${managers.join(', ')}`;
    if (this.#all.length > 0 || this.#joined)
      throw fail('ENGINE_FAILED', { action, why: 'This node is already part of a swarm' });
    const swarm = this.#neighbours
      .map(({ nodeList }) => nodeList)
      .find(({ all }) => all.some((node) => managers.includes(`${node.address}:2377`)));
    if (!swarm) throw fail('ENGINE_FAILED', { action, why: 'rpc error: code = Unavailable desc = connection refused' });
    const role = Object.entries(TOKENS).find(([, value]) => value === token)?.[0] as NodeInfo['role'] | undefined;
    if (!role) throw fail('ENGINE_FAILED', { action, why: 'invalid join token' });
    this.#joined = { swarm, id: swarm.add({ role, address: advertiseAddress }).id };
  }

  leave(): void {
    this.#joined?.swarm.change(this.#joined.id, { state: 'down' });
    this.#all = [];
    this.#joined = undefined;
  }

  tokens(): { manager: Secret; worker: Secret } {
    return { manager: new Secret(TOKENS.manager), worker: new Secret(TOKENS.worker) };
  }

  find(id: string): NodeInfo | undefined {
    return this.#all.find((node) => node.id === id);
  }

  add(given: Partial<NodeInfo>): NodeInfo {
    const node = this.#make(given);
    this.#all.push(node);
    this.#raft.emit('node', 'create', node);
    return node;
  }

  change(id: string, change: Partial<NodeInfo>): void {
    if (!this.find(id)) return;
    this.#all = this.#all.map((node) =>
      node.id === id ? managed({ ...node, ...change, version: this.#raft.nextVersion() }) : node,
    );
    this.#raft.emit('node', 'update', { id });
  }

  update(id: string, version: number, change: NodeChange): void {
    const node = this.find(id);
    const action = `change node ${node?.hostname ?? id}`;
    if (!node) throw fail('ENGINE_FAILED', { action: `read node ${id}`, why: `node ${id} not found` });
    if (node.version !== version) throw fail('CONFLICT', { what: `node ${node.hostname}` });
    if (change.role === 'worker' && node.role === 'manager' && !this.#quorumWithout(node)) {
      throw fail('ENGINE_FAILED', { action, why: 'attempting to demote the last manager of the swarm' });
    }
    this.change(id, change);
  }

  remove(id: string, force: boolean): void {
    const node = this.find(id);
    if (!node) return;
    const action = `remove node ${id}`;
    if (node.role === 'manager')
      throw fail('ENGINE_FAILED', {
        action,
        why: `node ${id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
      });
    if (node.state === 'ready' && !force)
      throw fail('ENGINE_FAILED', { action, why: `node ${id} is not down and can't be removed` });
    this.#all = this.#all.filter((other) => other !== node);
    this.#raft.emit('node', 'remove', { id });
  }

  #quorumWithout(leaving: NodeInfo): boolean {
    const others = this.#all.filter((node) => node.role === 'manager' && node !== leaving);
    return others.filter((node) => node.reachability === 'reachable').length > others.length / 2;
  }

  #make(given: Partial<NodeInfo>): NodeInfo {
    const index = this.#all.length;
    return managed({
      ...{
        id: this.#raft.swarmId('node'),
        version: this.#raft.nextVersion(),
        hostname: `node-${index + 1}`,
        role: index === 0 ? 'manager' : 'worker',
        availability: 'active',
      },
      ...{
        state: 'ready',
        address: `10.77.0.${index + 1}`,
        leader: index === 0,
        reachability: undefined,
        labels: {},
        cpus: 2,
        memoryBytes: 8e9,
        engineVersion: '26.1.5',
      },
      ...given,
    });
  }
}

/** Managers are reachable while they are ready. */
function managed(node: NodeInfo): NodeInfo {
  if (node.role === 'worker') return { ...node, reachability: undefined, leader: false };
  return { ...node, reachability: node.state === 'ready' ? 'reachable' : 'unreachable' };
}
