import type { Node } from '../../src/api/index.ts';
import { fail } from '../../src/errors/index.ts';
import type { Caller, Platform } from '../../src/platform/index.ts';
import type { FakeOperations } from './fake-operations.ts';

const plain: Node = {
  id: 'n1',
  hostname: 'one',
  role: 'manager',
  leader: true,
  reachable: true,
  state: 'ready',
  availability: 'active',
  address: '10.0.0.1',
  zone: null,
  roles: [],
  labels: {},
  engine: '26.1.5',
  cpus: 2,
  memory: 4e9,
  tasks: 2,
  reserved: { memory: 128e6, cpus: 0 },
  limits: { memory: 1024e6 },
};

/** Nodes of the platform in memory: two, of which a test may make others. */
export class FakeNodes {
  all: Node[] = [
    plain,
    {
      ...plain,
      id: 'n2',
      hostname: 'two',
      role: 'worker',
      leader: false,
      reachable: null,
      address: '10.0.0.2',
      zone: 'b',
      tasks: 0,
      reserved: { memory: 0, cpus: 0 },
      limits: { memory: 0 },
    },
  ];
  /** What draining and removing is refused for, unless it is forced. */
  reasons: string[] = [];
  readonly #operations: FakeOperations;

  constructor(operations: FakeOperations) {
    this.#operations = operations;
  }

  readonly noun: Platform['nodes'] = {
    list: async () => this.all,
    info: async (name) => ({
      ...this.#find(name),
      placed: [
        { name: 'web.1', app: 'shop', state: 'running', since: '2026-01-01T00:00:00.000Z', memory: 512 * 1024 ** 2 },
        { name: 'mothership-router', app: null, state: 'running', since: '2026-01-01T00:00:00.000Z', memory: null },
      ],
      report: {
        disk: { total: 100e9, free: 40e9 },
        load: [0.5, 0.25, 0.1],
        memory: { total: 4e9, available: 3e9 },
        uptime: 3600,
      },
      operation: null,
    }),
    update: async (name, { role, availability, zone, roles = {}, labels = {} }) => {
      const node = this.#find(name);
      const merged = Object.entries({ ...node.labels, ...labels }).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      );
      const changed: Node = {
        ...node,
        ...(role ? { role } : {}),
        ...(availability ? { availability } : {}),
        ...(zone === undefined ? {} : { zone }),
        labels: Object.fromEntries(merged),
        roles: (['builder', 'router'] as const).filter((each) => roles[each] ?? node.roles.includes(each)),
      };
      this.all = this.all.map((each) => (each === node ? changed : each));
      return {
        ...changed,
        warnings:
          role && role !== node.role
            ? ['With 2 managers, the cluster cannot be changed while one of them is down.']
            : [],
      };
    },
    drain: async (name, { force }, caller) =>
      this.#empty('drain', name, force, caller, (node) => {
        this.all = this.all.map((each) => (each === node ? { ...node, availability: 'drain', tasks: 0 } : each));
      }),
    remove: async (name, { force }, caller) =>
      this.#empty('remove', name, force, caller, (node) => {
        this.all = this.all.filter((each) => each !== node);
      }),
    rebalance: async (caller) =>
      this.#operations.start({ kind: 'rebalance', app: 'the nodes', by: caller.user }, () => ({ moved: ['shop'] })),
    join: async (role) => ({
      token: `token-of-a-${role}`,
      managers: ['10.0.0.1:2377'],
      ca: null,
      registry: null,
      peers: this.all.map(({ address }) => address),
    }),
  };

  #empty(
    kind: 'drain' | 'remove',
    name: string,
    force: boolean | undefined,
    caller: Caller,
    effect: (node: Node) => void,
  ): ReturnType<FakeOperations['start']> {
    const node = this.#find(name);
    if (this.reasons.length > 0 && !force)
      throw fail('NODE_DRAIN_REFUSED', {
        node: node.hostname,
        action: kind === 'drain' ? 'drained' : 'removed',
        reasons: this.reasons,
        forcible: true,
      });
    return this.#operations.start({ kind, app: node.hostname, by: caller.user }, () => {
      effect(node);
      return { node: node.hostname, moved: ['shop'] };
    });
  }

  #find(name: string): Node {
    const node = this.all.find(({ id, hostname }) => id === name || hostname === name);
    if (!node) throw fail('NODE_NOT_FOUND', { node: name });
    return node;
  }
}
