import { fail } from '#errors';
import { nodeName, type PracticeNode } from './practice-node.ts';
import type { DockerClient } from './docker-client.ts';
import { observeNodes } from './observe-practice-nodes.ts';

export type ChaosKind = 'kill' | 'pause' | 'partition';

export interface ChaosReport {
  readonly node: string;
  readonly container: string;
  /** Sentences. */
  readonly done: readonly string[];
}

const CHAIN = 'MOTHERSHIP-CHAOS';

/**
 * Traffic between nodes: Swarm's managers, gossip and overlay networks, and the registry, including established
 * connections. The node's published ports stay reachable.
 */
const DROPS = [
  ['tcp', 2377],
  ['tcp', 7946],
  ['udp', 7946],
  ['udp', 4789],
  ['tcp', 5000],
].flatMap(([protocol, port]) =>
  ['--dport', '--sport'].map((side) => `-A ${CHAIN} -p ${protocol} -m ${protocol} ${side} ${port} -j DROP`),
);

/** For `iptables-restore --noflush`: atomic and idempotent. */
const PARTITION = [
  '*mangle',
  `:${CHAIN} - [0:0]`,
  ...DROPS,
  `-I INPUT -j ${CHAIN}`,
  `-I OUTPUT -j ${CHAIN}`,
  'COMMIT',
  '',
].join('\n');
const REJOIN = [
  '*mangle',
  `-D INPUT -j ${CHAIN}`,
  `-D OUTPUT -j ${CHAIN}`,
  `-F ${CHAIN}`,
  `-X ${CHAIN}`,
  'COMMIT',
  '',
].join('\n');

/** Breaks nodes of a practice cluster for rehearsal; only affects its containers. */
export class Chaos {
  /** `cluster`: all practice clusters of the engine if omitted. */
  constructor(
    private readonly docker: DockerClient,
    private readonly cluster?: string,
  ) {}

  /** Throws CHAOS_* errors, such as CHAOS_NODE_STOPPED for an already broken node. */
  async inflict(kind: ChaosKind, name: string): Promise<ChaosReport> {
    const node = await this.#find(name);
    if (node.state !== 'running') throw fail('CHAOS_NODE_STOPPED', { node: node.name, state: node.state });
    if (await this.#isPartitioned(node)) throw fail('CHAOS_NODE_STOPPED', { node: node.name, state: 'partitioned' });
    return report(node, [await this.#do(kind, node)]);
  }

  /** Undoes whatever was done to it; does nothing for a healthy node. */
  async heal(name: string): Promise<ChaosReport> {
    const node = await this.#find(name);
    const done: string[] = [];
    if (node.state === 'paused') {
      await this.docker.must(`unpause ${node.container}`, ['unpause', node.container]);
      done.push(`Resumed ${node.name}.`);
    }
    if (node.state === 'stopped') {
      await this.docker.must(`start ${node.container}`, ['start', node.container]);
      done.push(`Started ${node.name} again with its disk unchanged.`);
    }
    if (await this.#isPartitioned(node)) {
      await this.#filter(node, REJOIN, 'reconnect');
      done.push(`Reconnected ${node.name} to the other nodes.`);
    }
    return report(node, done.length > 0 ? done : [`${node.name} is healthy; there is nothing to heal.`]);
  }

  async #do(kind: ChaosKind, node: PracticeNode): Promise<string> {
    switch (kind) {
      case 'kill':
        await this.docker.must(`kill ${node.container}`, ['kill', node.container]);
        return `Killed ${node.name}, as if the machine lost power: the container ${node.container} is stopped.`;
      case 'pause':
        await this.docker.must(`pause ${node.container}`, ['pause', node.container]);
        return (
          `Paused ${node.name}, as if the machine froze: nothing in the container ${node.container} ` +
          'runs, and its connections stay open.'
        );
      case 'partition':
        await this.#filter(node, PARTITION, 'disconnect');
        return (
          `Partitioned ${node.name}: it and the other nodes cannot reach each other. Its processes ` +
          'keep running, and its engine is still reachable from this machine.'
        );
    }
  }

  async #isPartitioned(node: PracticeNode): Promise<boolean> {
    const argv = ['exec', node.container, 'iptables', '-w', '-t', 'mangle', '-S', CHAIN];
    return (await this.docker.run(argv)).code === 0;
  }

  async #filter(node: PracticeNode, rules: string, action: string): Promise<void> {
    const argv = ['exec', '--interactive', node.container, 'iptables-restore', '--noflush', '-w'];
    const { code, stderr } = await this.docker.run(argv, { input: Buffer.from(rules) });
    if (code !== 0)
      throw fail('PRACTICE_FAILED', { action: `${action} ${node.container}`, why: stderr.trim().split('\n')[0] ?? '' });
  }

  /** Finds a node by name (`node-2`), number or container. */
  async #find(name: string): Promise<PracticeNode> {
    const nodes = await observeNodes(this.docker, this.cluster);
    if (nodes.length === 0) throw fail('CHAOS_NO_PRACTICE', {});
    const known = [...new Set(nodes.map((node) => node.name))];
    const found = nodes.filter((node) => [node.name, String(node.number), node.container].includes(name));
    if (found.length > 1)
      throw fail('CHAOS_NODE_AMBIGUOUS', { node: name, containers: found.map((node) => node.container) });
    if (found[0]) return found[0];
    const own = ['1', nodeName(1), this.docker.machine.name].includes(name);
    throw fail(own ? 'CHAOS_THIS_MACHINE' : 'CHAOS_NODE_UNKNOWN', { node: name, nodes: known });
  }
}

function report(node: PracticeNode, done: readonly string[]): ChaosReport {
  return { node: node.name, container: node.container, done };
}
