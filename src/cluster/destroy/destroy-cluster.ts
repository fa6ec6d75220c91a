import { endContainer, type Engine, type Networks } from '#engine';
import { fail, isMothershipError } from '#errors';
import { removeFirewall } from '#nodes/care/node-files.ts';
import { retryWhile, waitUntil, type Clock, type Host } from '#events';
import { removeBuildsSlice, type Machine } from '#provision';
import type { Store } from '#store';
import {
  countRemovals,
  observeObjects,
  planDestroy,
  type DestroyOptions,
  type DestroyStep,
  type Group,
  type ObservedCluster,
  type Removable,
} from './destroy-plan.ts';

/** Swarm releases networks and volumes only after it has noticed that their tasks are gone. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;
const BRIDGE_PATIENCE_MS = 10_000;

const PHASE = { firewall: 'firewall', 'leave-swarm': 'swarm' } as const;
const WHAT = { firewall: "the node's firewall", 'leave-swarm': 'the Swarm' } as const;

export interface DestroyParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly host: Host;
  /** The engine's machine, if it is this one; its builds slice is removed. */
  readonly machine?: Machine;
  /** Where the engine is, for the error if it has no cluster. */
  readonly where: string;
}

export interface Destroyed {
  readonly cluster: string;
  /** Number of removed objects by group. */
  readonly removed: Readonly<Partial<Record<Group, number>>>;
  readonly leftSwarm: boolean;
}

/** Removes a cluster from its engine completely. Can be repeated after an interruption. */
export class Destroy {
  readonly #parts: DestroyParts;

  constructor(parts: DestroyParts) {
    this.#parts = parts;
  }

  /** Returns what is there. Throws CLUSTER_NOT_FOUND if nothing would be removed. */
  async observe({ images }: Pick<DestroyOptions, 'images'>): Promise<ObservedCluster> {
    const { engine, store, where } = this.#parts;
    const observed = await observeObjects(engine, store);
    if (planDestroy(observed, { images, keepSwarm: false }).length === 0) throw fail('CLUSTER_NOT_FOUND', { where });
    return observed;
  }

  /** `confirm` must be the cluster's name. Throws CONFIRM_MISMATCH, CLUSTER_NOT_FOUND or CLUSTER_DESTROY_STUCK. */
  async run(confirm: string, options: DestroyOptions): Promise<Destroyed> {
    const observed = await this.observe(options);
    const cluster = observed.name ?? confirm;
    if (confirm !== cluster) throw fail('CONFIRM_MISMATCH', { app: cluster, given: confirm });
    const plan = planDestroy(observed, options);
    for (const step of plan) await this.#apply(step, cluster);
    await this.#finish(options, cluster);
    await this.#removeSlice();
    return {
      cluster,
      removed: countRemovals(plan),
      leftSwarm: plan.some((step) => step.kind === 'leave-swarm'),
    };
  }

  async #removeSlice(): Promise<void> {
    const { engine, machine } = this.#parts;
    if (machine && (await engine.info()).name === machine.name) await removeBuildsSlice(machine);
  }

  /** Removes tasks that Swarm was about to start, and objects created by the controller meanwhile. */
  async #finish(options: DestroyOptions, cluster: string): Promise<void> {
    const { engine, store } = this.#parts;
    for (let round = 0; round < 3; round += 1) {
      const rest = planDestroy(await observeObjects(engine, store), options);
      if (rest.length === 0) return;
      for (const step of rest) await this.#apply(step, cluster);
    }
    const left = planDestroy(await observeObjects(engine, store), options);
    const remains = left.flatMap((step) =>
      step.kind === 'remove' ? step.objects.map((object) => object.name) : [WHAT[step.kind]],
    );
    if (remains.length > 0) throw fail('CLUSTER_DESTROY_STUCK', { left: remains });
  }

  async #apply(step: DestroyStep, cluster: string): Promise<void> {
    const { host, engine, clock } = this.#parts;
    const phase = step.kind === 'remove' ? step.group : PHASE[step.kind];
    const start = clock.now();
    host.notify({ type: 'phase', phase, state: 'started' });
    if (step.kind === 'leave-swarm') await this.#leaveSwarm(engine);
    else if (step.kind === 'firewall') await removeFirewall(engine, { cluster, image: step.image });
    else await this.#removeAll(step.group, step.objects);
    host.notify({ type: 'phase', phase, state: 'done', ms: clock.now() - start });
  }

  async #leaveSwarm(engine: Engine): Promise<void> {
    await engine.leaveSwarm();
    await removeGatewayBridge(engine, this.#parts.clock);
  }

  /** Repeats until the group is gone: an image may be the parent of another. */
  async #removeAll(group: Group, objects: readonly Removable[]): Promise<void> {
    let left = objects;
    const areGone = async (): Promise<boolean> => (left = await this.#refused(group, left)).length === 0;
    if (!(await waitUntil(this.#parts.clock, { every: PAUSE_MS, within: PATIENCE_MS }, areGone)))
      throw fail('CLUSTER_DESTROY_STUCK', { left: left.map((object) => object.name) });
  }

  async #refused(group: Group, objects: readonly Removable[]): Promise<Removable[]> {
    const outcomes = await Promise.all(objects.map((object) => this.#remove(group, object.ref)));
    return objects.filter((_, index) => !outcomes[index]);
  }

  /** Returns whether it is gone. */
  async #remove(group: Group, ref: string): Promise<boolean> {
    const { engine } = this.#parts;
    const remove: Record<Group, (ref: string) => Promise<void>> = {
      services: (id) => engine.removeService(id),
      containers: (id) => endContainer(engine, id),
      networks: (id) => engine.removeNetwork(id),
      secrets: (id) => engine.removeSecret(id),
      volumes: (name) => engine.removeVolume(name),
      images: (reference) => engine.removeImage(reference),
      configs: (id) => engine.removeConfig(id),
    };
    return remove[group](ref).then(
      () => true,
      (error: unknown) => {
        if (isMothershipError(error, 'ENGINE_FAILED')) return false;
        throw error;
      },
    );
  }
}

/**
 * Removes the bridge network that the engine leaves behind with a Swarm. The engine refuses while it still removes the
 * Swarm's networks, and for longer if containers that are not the platform's use the bridge: they keep it.
 */
export async function removeGatewayBridge(engine: Networks, clock: Clock): Promise<void> {
  const isInUse = (error: unknown): boolean => isMothershipError(error, 'ENGINE_FAILED');
  const pace = { every: PAUSE_MS, within: BRIDGE_PATIENCE_MS };
  await retryWhile(clock, pace, isInUse, () => engine.removeNetwork('docker_gwbridge')).catch((error: unknown) => {
    if (!isInUse(error)) throw error;
  });
}
