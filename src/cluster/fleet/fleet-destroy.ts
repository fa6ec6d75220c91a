import { endContainer, type Engine } from '../../engine/index.ts';
import { fail, isMothershipError } from '../../errors/index.ts';
import { Destroy, type Destroyed, type DestroyParts } from '../destroy/destroy.ts';
import { containersOf, type DestroyOptions, type ObservedCluster } from '../destroy/destroy-plan.ts';
import type { FleetParts } from './fleet.ts';
import { onAll, type Member } from './member.ts';
import { label, names } from '../names.ts';

/** Made by Swarm on whichever node a task came to; such volumes carry no labels. */
const NODE_VOLUMES: readonly string[] = [names.dataVolume, names.routerVolume, names.registryVolume];
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

export interface FleetDestroyParts extends Pick<FleetParts, 'provider' | 'engineAt' | 'storeOn' | 'clock' | 'host'> {
  /** Takes back what made the host a node: firewall, names, trust. */
  readonly unprepare: (member: Member) => Promise<void>;
}

/** Removes a cluster of many machines: what is in its Swarm, what is on each node, and the machines that were made for it. */
export class FleetDestroy {
  readonly #parts: FleetDestroyParts;

  constructor(parts: FleetDestroyParts) {
    this.#parts = parts;
  }

  /** What would be removed; undefined when the machines are all that is left. Throws CLUSTER_NOT_FOUND. */
  async observe(cluster: string): Promise<ObservedCluster | undefined> {
    if (this.#endsMachines) return undefined;
    const members = await this.#members(cluster);
    if (members.length === 0)
      throw fail('CLUSTER_NOT_FOUND', { where: `the machines of ${this.#parts.provider.name}` });
    const manager = await managerOf(members);
    return manager && this.#destroyOn(manager).observe().catch(forgiving);
  }

  /** Goes on where an interrupted run stopped. */
  async run(cluster: string, options: DestroyOptions): Promise<Destroyed> {
    const { provider } = this.#parts;
    const destroyed = this.#endsMachines ? undefined : await this.#empty(cluster, options);
    await provider.destroy(cluster);
    if (options.images && !this.#endsMachines)
      await onAll(await this.#members(cluster), ({ api }) => removeImages(api));
    return destroyed ?? { cluster, removed: {}, leftSwarm: true };
  }

  /** Machines that end take everything with them, and a dead one must not hold the others up. */
  get #endsMachines(): boolean {
    return this.#parts.provider.name === 'aws';
  }

  async #empty(cluster: string, options: DestroyOptions): Promise<Destroyed | undefined> {
    const members = await this.#members(cluster);
    const manager = await managerOf(members);
    // Images last: those of practice nodes are in use until their machines have ended.
    const destroyed =
      manager &&
      (await this.#destroyOn(manager)
        .run(cluster, { ...options, images: false })
        .catch(forgiving));
    await onAll(members, (member) => this.#clear(member, options));
    return destroyed;
  }

  async #members(cluster: string): Promise<Member[]> {
    const { provider, engineAt } = this.#parts;
    return (await provider.list(cluster)).map((machine) => ({ ...machine, api: engineAt(machine.engine) }));
  }

  #destroyOn({ api, name }: Member): Destroy {
    const { storeOn, clock, host } = this.#parts;
    return new Destroy({ engine: api, store: storeOn(api), clock, host, where: name } satisfies DestroyParts);
  }

  async #clear(member: Member, { keepSwarm }: DestroyOptions): Promise<void> {
    const { api } = member;
    if (!keepSwarm) await api.leaveSwarm();
    for (const { id } of await containersOf(api)) await endContainer(api, id);
    const volumes = (await api.volumes({})).filter(
      ({ name, labels }) => label.kind in labels || NODE_VOLUMES.includes(name),
    );
    for (const { name } of volumes) await this.#gone(api, name);
    await this.#parts.unprepare(member);
  }

  /** Swarm lets go of a volume some moments after its task is gone. */
  async #gone(api: Engine, volume: string): Promise<void> {
    const { clock } = this.#parts;
    const end = clock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await api.removeVolume(volume);
      } catch (error) {
        if (!isMothershipError(error, 'ENGINE_FAILED') || clock.now() > end) throw error;
        await clock.sleep(PAUSE_MS);
      }
    }
  }
}

async function managerOf(members: readonly Member[]): Promise<Member | undefined> {
  for (const member of members) if ((await member.api.info()).swarm === 'manager') return member;
  return undefined;
}

async function removeImages(api: Engine): Promise<void> {
  for (const { id, tags } of await api.images({ [label.kind]: '' })) {
    for (const reference of tags.length > 0 ? tags : [id]) await api.removeImage(reference).catch(forgiving);
  }
}

/** What is gone already, or is used by others, is no failure. */
function forgiving(error: unknown): undefined {
  if ((['CLUSTER_NOT_FOUND', 'ENGINE_FAILED', 'QUORUM_LOST'] as const).some((code) => isMothershipError(error, code)))
    return undefined;
  throw error;
}
