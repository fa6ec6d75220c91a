import type { NodePorts } from '../ports.ts';
import { keepUp } from '#events';
import { trust } from '#cluster/names.ts';
import type { Containers, NodeInfo, System } from '#engine';
import { writeNodeFiles, type WantedNode } from './node-files.ts';
import { placeRouters } from './router-care.ts';

const EVERY_MS = 5_000;
const PATIENCE_MS = 60_000;

type CareParts = Pick<NodePorts, 'engine' | 'engines' | 'clock' | 'logger' | 'cluster' | 'images'>;

/**
 * Keeps each node's firewall, hosts file and router placement up to date as nodes come and go. Remembers what each node
 * was given; a node that was away, for example for a reboot, is updated again, and failures are retried. A drained node
 * has no agent and is updated when it becomes active.
 */
export class NodeCare {
  readonly #parts: CareParts;
  readonly #given = new Map<string, string>();
  readonly #failing = new Set<string>();
  readonly #gone = new Set<string>();
  #peers: readonly string[] = [];

  constructor(parts: CareParts) {
    this.#parts = parts;
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    const failed = (error: unknown): void => logger.error({ err: error }, 'node maintenance failed');
    await keepUp({ clock, everyMs: EVERY_MS, failed }, () => this.once(signal), signal);
  }

  async once(signal: AbortSignal): Promise<void> {
    const [nodes, whole, reachable] = await Promise.all([
      this.#parts.engine.nodes(),
      this.#parts.images.whole(),
      this.#parts.engines.all(),
    ]);
    this.#remember(nodes);
    await placeRouters(this.#parts.engine, nodes);
    await Promise.all(
      reachable.map(({ node, engine }) => this.#see(node, engine, this.#wanted(nodes, node, whole), signal)),
    );
  }

  #remember(nodes: readonly NodeInfo[]): void {
    const peers = nodes.map((node) => node.address);
    for (const peer of this.#peers) if (!peers.includes(peer)) this.#gone.add(peer);
    for (const peer of peers) this.#gone.delete(peer);
    this.#peers = peers;
    for (const node of nodes) if (node.state !== 'ready') this.#given.delete(node.id);
  }

  /**
   * A manager's own registry comes first; one that lacks an image comes last, since an engine only asks one that
   * responds.
   */
  #wanted(nodes: readonly NodeInfo[], { address: own }: NodeInfo, whole: readonly string[]): WantedNode {
    const rank = ({ id, address }: NodeInfo): number => (!whole.includes(id) ? 2 : address === own ? 0 : 1);
    const managers = nodes
      .filter((node) => node.role === 'manager')
      .sort((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1));
    return {
      registry: this.#parts.cluster.nodes === 'many',
      peers: [...this.#peers].sort(),
      gone: [...this.#gone].sort(),
      hosts: whole.length > 0 ? managers.map(({ address }) => ({ address, name: trust.registryHost })) : undefined,
    };
  }

  async #see(node: NodeInfo, engine: Containers & System, wanted: WantedNode, signal: AbortSignal): Promise<void> {
    const print = JSON.stringify(wanted);
    if (this.#given.get(node.id) === print) return;
    const { logger, cluster } = this.#parts;
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      await writeNodeFiles(engine, cluster.name, wanted, patience);
      this.#given.set(node.id, print);
      this.#failing.delete(node.id);
      logger.info({ node: node.hostname, peers: wanted.peers }, 'updated the firewall and hosts file of a node');
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#failing.has(node.id))
        logger.warn(
          { err: error, node: node.hostname },
          'failed to update the firewall and hosts file of a node; retrying',
        );
      this.#failing.add(node.id);
    }
  }
}
