import { text } from 'node:stream/consumers';
import { nodeReport, type NodeReport } from '#agent';
import { names } from '#cluster/names.ts';
import { dockerEngine, type Engine, type NodeInfo } from '#engine';
import { fail } from '#errors';
import type { Clock } from '#events';
import type { AgentDial } from './agent-dial.ts';

/** Engines of all nodes. NODE_UNREACHABLE may be temporary; long calls must expect a node to stall. */
export interface NodeEngines {
  /** The controller's own node. */
  readonly local: Engine;
  on(nodeId: string): Promise<Engine>;
  /** Nodes that Swarm considers up and that have an agent; they may still not respond. */
  all(): Promise<readonly { readonly node: NodeInfo; readonly engine: Engine }[]>;
  /** Disk, memory and load. */
  report(nodeId: string): Promise<NodeReport>;
}

/** Without agents, for a controller outside a cluster. */
export class LocalEngines implements NodeEngines {
  readonly local: Engine;

  constructor(local: Engine) {
    this.local = local;
  }

  on(): Promise<Engine> {
    return Promise.resolve(this.local);
  }

  async all(): Promise<{ node: NodeInfo; engine: Engine }[]> {
    const [{ nodeId }, nodes] = await Promise.all([this.local.info(), this.local.nodes()]);
    return nodes.filter(({ id }) => id === nodeId).map((node) => ({ node, engine: this.local }));
  }

  report(): Promise<NodeReport> {
    return nodeReport();
  }
}

interface AgentLocation {
  readonly node: NodeInfo;
  readonly address: string | undefined;
}

/** How long the locations of agents are cached. */
const BELIEVED_MS = 1_000;
const REPORT_MS = 3_000;
const NO_AGENT = { enforced: false, why: 'no agent is running there' };

/** Reaches other nodes' engines through the agents running there. */
export class AgentEngines implements NodeEngines {
  readonly local: Engine;
  readonly #dial: AgentDial;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #engines = new Map<string, Engine>();
  #self: string | undefined;
  #places: { readonly at: number; readonly found: Promise<ReadonlyMap<string, AgentLocation>> } | undefined;

  constructor({ local, dial, clock }: { local: Engine; dial: AgentDial; clock: Pick<Clock, 'now'> }) {
    this.local = local;
    this.#dial = dial;
    this.#clock = clock;
  }

  async on(nodeId: string): Promise<Engine> {
    if (nodeId === (await this.#own())) return this.local;
    await this.#address(nodeId);
    return this.#engine(nodeId);
  }

  async all(): Promise<{ node: NodeInfo; engine: Engine }[]> {
    const [own, places] = await Promise.all([this.#own(), this.#find()]);
    const alive = [...places.values()].filter(
      ({ node, address }) => node.id === own || (node.state === 'ready' && address),
    );
    return alive.map(({ node }) => ({ node, engine: node.id === own ? this.local : this.#engine(node.id) }));
  }

  async report(nodeId: string): Promise<NodeReport> {
    const isOwn = nodeId === (await this.#own());
    if (isOwn && !(await this.#find()).get(nodeId)?.address) return { ...(await nodeReport()), isolation: NO_AGENT };
    const socket = await this.#connect(nodeId);
    const late = setTimeout(() => socket.destroy(), REPORT_MS);
    try {
      socket.write('GET /_node HTTP/1.1\r\nhost: agent\r\n\r\n');
      const answer = await text(socket);
      return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as NodeReport;
    } catch (error) {
      throw await this.#silent(nodeId, 'its agent returned no report', error);
    } finally {
      clearTimeout(late);
      socket.destroy();
    }
  }

  async #own(): Promise<string> {
    this.#self ??= (await this.local.info()).nodeId;
    return this.#self;
  }

  /** Cached, because it keeps connections open; each new connection looks up the agent's current address. */
  #engine(nodeId: string): Engine {
    const engine =
      this.#engines.get(nodeId) ??
      dockerEngine({ dial: () => this.#connect(nodeId), where: `the agent of node ${nodeId}` });
    this.#engines.set(nodeId, engine);
    return engine;
  }

  async #connect(nodeId: string): ReturnType<AgentDial> {
    const address = await this.#address(nodeId);
    try {
      return await this.#dial(address);
    } catch (error) {
      const { name, message } = error as Error;
      throw await this.#silent(
        nodeId,
        name === 'AbortError' || name === 'TimeoutError'
          ? 'its agent timed out'
          : `cannot connect to its agent (${message})`,
        error,
      );
    }
  }

  async #address(nodeId: string): Promise<string> {
    const place = (await this.#find()).get(nodeId);
    if (!place) throw fail('NODE_UNREACHABLE', { node: nodeId, why: 'it is not a node of this cluster' });
    if (place.node.state !== 'ready')
      throw fail('NODE_UNREACHABLE', { node: place.node.hostname, why: `it is ${place.node.state}` });
    if (!place.address) throw fail('NODE_UNREACHABLE', { node: place.node.hostname, why: 'no agent is running there' });
    return place.address;
  }

  async #silent(nodeId: string, why: string, cause: unknown): Promise<Error> {
    const node = (await this.#find().catch(() => undefined))?.get(nodeId)?.node.hostname ?? nodeId;
    return fail('NODE_UNREACHABLE', { node, why }, cause);
  }

  #find(): Promise<ReadonlyMap<string, AgentLocation>> {
    const at = this.#clock.now();
    if (this.#places && at - this.#places.at < BELIEVED_MS) return this.#places.found;
    const found = this.#look();
    this.#places = { at, found };
    found.catch(() => (this.#places = undefined));
    return found;
  }

  async #look(): Promise<ReadonlyMap<string, AgentLocation>> {
    const [nodes, tasks, control] = await Promise.all([
      this.local.nodes(),
      this.local.tasks({ service: names.agent, desired: 'running' }),
      this.local.network(names.controlNetwork),
    ]);
    const agents = new Map(
      tasks.filter(({ state }) => state === 'running').map((task) => [task.nodeId, task.addresses[control?.id ?? '']]),
    );
    return new Map(nodes.map((node) => [node.id, { node, address: agents.get(node.id) }]));
  }
}
