import type { NodePorts } from '../ports.ts';
import { keepUp } from '#events';
import { trust } from '#cluster/names.ts';
import type { Containers, NodeInfo, System } from '#engine';
import { FIREWALL_SCRIPT, firewallScript } from './firewall.ts';
import { HOSTS_FILE, withHostsBlock, type HostsEntry } from './hosts-block.ts';
import { runOnNode, type NodeJob } from './node-job.ts';
import { placeRouters } from './router-care.ts';

const EVERY_MS = 5_000;
const PATIENCE_MS = 60_000;

/** What a node should know about the others. */
interface WantedNode {
  readonly peers: readonly string[];
  /** Former peers. An address in its rules that is neither here nor a peer belongs to a machine about to join. */
  readonly gone: readonly string[];
  /** Undefined: keeps its current names. */
  readonly hosts: readonly HostsEntry[] | undefined;
}

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
    if (this.#parts.cluster.nodes !== 'many') return;
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
      await give(engine, cluster.name, wanted, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
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

const BETWEEN = '--- mothership: next file';
const READ = 'cat "/node$1" 2>/dev/null || true; echo; echo "$3"; cat "/node$2" 2>/dev/null || true';
/** A hosts file may be a mount that cannot be replaced, so it is written in place. */
const WRITE = `set -eu
if [ -n "$2" ]; then printf %s "$2" | base64 -d > /tmp/hosts; cat /tmp/hosts > "/node$1"; fi
mkdir -p "$(dirname "/node$3")"
printf %s "$4" | base64 -d > "/node$3.new"
chmod 755 "/node$3.new"
mv "/node$3.new" "/node$3"
exec sh "/node$3"
`;

async function give(
  engine: Containers & System,
  cluster: string,
  wanted: WantedNode,
  signal: AbortSignal,
): Promise<void> {
  const job = (script: string, ...args: readonly string[]): NodeJob => ({
    name: 'mothership-node-care',
    cluster,
    network: 'host',
    capabilities: ['NET_ADMIN', 'NET_RAW', 'DAC_OVERRIDE'],
    mounts: [{ type: 'bind', source: '/etc', target: '/node/etc' }],
    command: ['sh', '-c', script, 'care', ...args],
  });
  const found = await runOnNode(engine, job(READ, HOSTS_FILE, FIREWALL_SCRIPT, BETWEEN), signal);
  const [hosts = '', script = ''] = found.split(`\n${BETWEEN}\n`);
  const block = wanted.hosts ? withHostsBlock(hosts, wanted.hosts) : hosts;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const rules = firewallScript([...new Set([...wanted.peers, ...expected(script, wanted)])]);
  await runOnNode(
    engine,
    job(WRITE, HOSTS_FILE, block === hosts ? '' : base64(block), FIREWALL_SCRIPT, base64(rules)),
    signal,
  );
}

/** Addresses allowed by setup that are not nodes yet: without them, those machines could not join. */
function expected(script: string, { peers, gone }: WantedNode): string[] {
  const known = [...script.matchAll(/^-A MOTHERSHIP -s (\S+) -j RETURN$/gm)].map(([, address]) => address!);
  return known.filter((address) => !peers.includes(address) && !gone.includes(address));
}
