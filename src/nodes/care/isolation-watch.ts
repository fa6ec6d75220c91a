import { isMothershipError } from '#errors';
import { keepUp } from '#events';
import type { NodeInfo } from '#engine';
import type { NodePorts } from '../ports.ts';

/** Whether a node keeps web processes apart on the proxy network. */
export interface NodeIsolation {
  readonly node: string;
  readonly enforced: boolean;
  /** Why not; empty if it is. */
  readonly why: string;
}

type WatchPorts = Pick<NodePorts, 'engine' | 'engines' | 'clock' | 'logger'>;

const EVERY_MS = 5_000;

/** Asks every node that runs apps, and logs what changes. */
export class IsolationWatch {
  readonly #parts: WatchPorts;
  #seen: readonly NodeIsolation[] | undefined;

  constructor(parts: WatchPorts) {
    this.#parts = parts;
  }

  /** Undefined until the nodes have been asked for the first time. */
  get seen(): readonly NodeIsolation[] | undefined {
    return this.#seen;
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    const failed = (error: unknown): void => logger.warn({ err: error }, 'failed to ask nodes about isolation');
    await keepUp({ clock, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  async once(): Promise<void> {
    const { engine, logger } = this.#parts;
    // Swarm runs neither apps nor an agent on a drained node.
    const nodes = (await engine.nodes()).filter(
      ({ state, availability }) => state === 'ready' && availability !== 'drain',
    );
    const seen = await Promise.all(nodes.map((node) => this.#ask(node)));
    for (const now of seen) {
      const before = this.#seen?.find(({ node }) => node === now.node);
      if (before?.enforced === now.enforced && before.why === now.why) continue;
      if (now.enforced) logger.info(now, 'a node keeps web processes apart');
      else logger.warn(now, 'a node does NOT keep web processes apart');
    }
    this.#seen = seen;
  }

  async #ask({ id, hostname: node }: NodeInfo): Promise<NodeIsolation> {
    try {
      const { isolation } = await this.#parts.engines.report(id);
      return { node, ...(isolation ?? { enforced: false, why: 'its agent is of an earlier version' }) };
    } catch (error) {
      if (!isMothershipError(error)) throw error;
      return { node, enforced: false, why: error.message };
    }
  }
}
