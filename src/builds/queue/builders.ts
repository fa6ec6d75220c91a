import { Builder } from '../builder.ts';
import { buildSlots, type BuilderNode } from './queue-plan.ts';
import type { BuildInput, BuildResult } from '../build.ts';
import type { SourceReader } from '../source/source-reader.ts';
import type { Engine, NodeInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { Clock, Event, Logger } from '#events';
import { isUsable, rolesOf } from '#nodes';
import type { Resolve } from '#registry/allowed/addresses.ts';
import type { BuildSettingsRecord } from '#store';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';

interface BuildersParts {
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly reader?: SourceReader;
  readonly resolve?: Resolve;
  readonly box?: string;
  readonly logger: Logger;
  readonly settings: () => Promise<BuildSettingsRecord>;
  /** Whether there is a registry; without one, images cannot leave the node that built them. */
  readonly shared: boolean;
}

/** Names of nodes. */
interface Forgotten {
  readonly nodes: string[];
  /** Nodes that did not respond or failed. */
  readonly missed: string[];
}

interface BuilderAccess {
  readonly engine: Engine;
  readonly builder: Builder;
  /** Resolves when leftovers of an earlier controller are removed. */
  readonly clean: Promise<void>;
}

const LOOK_MS = 2000;
/** Time to wait for a stalled node. */
const PATIENCE_MS = 10_000;

/** Nodes that run builds: those with the role `builder`, or the controller's own if none is ready. */
export class Builders {
  readonly #places = new Map<string, BuilderAccess>();

  constructor(private readonly parts: BuildersParts) {}

  async ready(): Promise<BuilderNode[]> {
    const { engines, shared } = this.parts;
    const [own, all, settings] = await Promise.all([this.#own(), engines.all(), this.parts.settings()]);
    const nodes = all.map(({ node }) => node);
    const dedicated = shared ? nodes.filter((node) => isUsable(node) && rolesOf(node).includes('builder')) : [];
    const chosen = dedicated.length > 0 ? dedicated : nodes.filter(({ id }) => id === own);
    return chosen.map((node) => ({
      id: node.id,
      name: node.hostname,
      slots: buildSlots(node, dedicated.length > 0, settings),
    }));
  }

  async engine({ id }: Pick<BuilderNode, 'id'>): Promise<Engine> {
    return (await this.#place(id)).engine;
  }

  /** Like `Builder.build`, on that node. Throws NODE_UNREACHABLE if the node is lost meanwhile. */
  build(node: BuilderNode, input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<BuildResult> {
    return this.#on(node, signal, (builder, whileThere) => builder.build(input, emit, whileThere));
  }

  /** Like `Builder.test`, on that node. Throws NODE_UNREACHABLE if the node is lost meanwhile. */
  test(node: BuilderNode, input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<number> {
    return this.#on(node, signal, (builder, whileThere) => builder.test(input, emit, whileThere));
  }

  async #on<T>(
    node: BuilderNode,
    signal: AbortSignal,
    work: (builder: Builder, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { builder, clean } = await this.#place(node.id);
    await clean;
    const over = new AbortController();
    const lost = new AbortController();
    const building = work(builder, AbortSignal.any([signal, lost.signal]));
    building.catch(() => undefined);
    try {
      // A connection to a node that lost power may never report an error.
      return await Promise.race([building, this.#loss(node, AbortSignal.any([signal, over.signal]))]);
    } catch (error) {
      lost.abort();
      // Leftovers there are removed before the next build.
      if (isMothershipError(error, 'NODE_UNREACHABLE')) this.#places.delete(node.id);
      throw error;
    } finally {
      over.abort();
    }
  }

  /** Removes leftovers of an earlier controller, here immediately and elsewhere when nodes respond. */
  async cleanUp(): Promise<void> {
    await (
      await this.#place(await this.#own())
    ).clean;
    for (const { id } of await this.ready()) void this.#place(id).catch(() => undefined);
  }

  /** Deletes an app's build cache on all responding nodes. */
  async forget(app: string): Promise<Forgotten> {
    const { engines, clock } = this.parts;
    const forgotten = await Promise.all(
      (await engines.all()).map(async ({ node, engine }) => {
        const builder = this.#places.get(node.id)?.builder ?? new Builder({ engine, clock });
        const done = builder.forget(app).then(
          () => true,
          () => false,
        );
        return { node, done: await Promise.race([done, clock.sleep(PATIENCE_MS).then(() => false)]) };
      }),
    );
    const names = (those: boolean): string[] =>
      forgotten.filter(({ done }) => done === those).map(({ node }) => node.hostname);
    return { nodes: names(true), missed: names(false) };
  }

  async #own(): Promise<string> {
    return (await this.parts.engines.local.info()).nodeId;
  }

  async #place(id: string): Promise<BuilderAccess> {
    const engine = await this.parts.engines.on(id);
    const known = this.#places.get(id);
    if (known) return known;
    const builder = new Builder({ ...this.parts, engine });
    const clean = builder.cleanUp().catch((error: unknown) => {
      this.#places.delete(id);
      this.parts.logger.warn({ err: error, node: id }, 'failed to clean up builds');
    });
    const place = { engine, builder, clean };
    this.#places.set(id, place);
    return place;
  }

  /** Never resolves; rejects when Swarm declares the node down. */
  async #loss({ id, name }: BuilderNode, signal: AbortSignal): Promise<never> {
    const {
      engines: { local },
      clock,
    } = this.parts;
    const isLost = (nodes: readonly NodeInfo[]): boolean =>
      !nodes.some((node) => node.id === id && node.state !== 'down');
    while (
      await clock.sleep(LOOK_MS, signal).then(
        () => true,
        () => false,
      )
    ) {
      const nodes = await local.nodes().catch(() => undefined);
      if (nodes && isLost(nodes)) throw fail('NODE_UNREACHABLE', { node: name, why: 'it went down during the build' });
    }
    return new Promise<never>(() => undefined);
  }
}
