import { label } from '#labels.ts';
import { ownReferences } from '#ownership.ts';
import { endContainer, type Engine } from '#engine';
import { fail, isMothershipError } from '#errors';
import { retryWhile } from '#events';
import { Destroy, removeGatewayBridge, type Destroyed, type DestroyParts } from '../destroy/destroy-cluster.ts';
import { containersOf, type DestroyOptions, type ObservedCluster } from '../destroy/destroy-plan.ts';
import type { FleetParts } from './fleet.ts';
import { onAll, type Member } from './member.ts';
import { names } from '../names.ts';

/** Created by Swarm on each node a task was placed on; such volumes have no labels. */
const NODE_VOLUMES: readonly string[] = [names.dataVolume, names.routerVolume, names.registryVolume];
/** Exists while an engine is in a Swarm. */
const SWARM_STATE = '/var/lib/docker/swarm/docker-state.json';
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

export interface FleetDestroyParts extends Pick<FleetParts, 'provider' | 'engineAt' | 'storeOn' | 'clock' | 'host'> {
  /** Removes from a host what made it a node: firewall, hosts file, trust. */
  readonly unprepare: (member: Member) => Promise<void>;
}

/** Removes a cluster of several machines: its Swarm objects, what is on each node, and the machines created for it. */
export class FleetDestroy {
  constructor(private readonly parts: FleetDestroyParts) {}

  /** Returns what would be removed; undefined if only machines are left. Throws CLUSTER_NOT_FOUND. */
  async observe(cluster: string, options: Pick<DestroyOptions, 'images'>): Promise<ObservedCluster | undefined> {
    if (this.parts.provider.endsMachines) return undefined;
    const members = await this.#members(cluster);
    if (members.length === 0) throw fail('CLUSTER_NOT_FOUND', { where: `the machines of ${this.parts.provider.name}` });
    const manager = await managerOf(members);
    return manager && this.#destroyOn(manager).observe(options).catch(forgiving);
  }

  /** Can be repeated after an interruption. */
  async run(cluster: string, options: DestroyOptions): Promise<Destroyed> {
    const { provider } = this.parts;
    // Terminated machines need no clean-up, and a dead one must not block the others.
    const destroyed = provider.endsMachines ? undefined : await this.#dissolve(cluster, options);
    await provider.destroy(cluster);
    if (options.images && !provider.endsMachines)
      await onAll(await this.#members(cluster), async (member) => {
        if (await hasEngine(member)) await removeImages(member.api);
      });
    return destroyed ?? { cluster, removed: {}, leftSwarm: true };
  }

  async #dissolve(cluster: string, options: DestroyOptions): Promise<Destroyed | undefined> {
    const members = await this.#members(cluster);
    const manager = await managerOf(members);
    // Images last: practice nodes use theirs until they end.
    const destroyed =
      manager &&
      (await this.#destroyOn(manager)
        .run(cluster, { ...options, images: false })
        .catch(forgiving));
    await onAll(members, (member) => this.#clear(member, options));
    return destroyed;
  }

  async #members(cluster: string): Promise<Member[]> {
    const { provider, engineAt } = this.parts;
    return (await provider.list(cluster)).map((machine) => ({ ...machine, api: engineAt(machine.engine) }));
  }

  #destroyOn({ api, name }: Member): Destroy {
    const { storeOn, clock, host } = this.parts;
    return new Destroy({ engine: api, store: storeOn(api), clock, host, where: name } satisfies DestroyParts);
  }

  async #clear(member: Member, { keepSwarm }: DestroyOptions): Promise<void> {
    if (await hasEngine(member)) await this.#empty(member.api, keepSwarm);
    await this.parts.unprepare(member);
  }

  async #empty(api: Engine, keepSwarm: boolean): Promise<void> {
    if (!keepSwarm) await api.leaveSwarm();
    for (const { id } of await containersOf(api)) await endContainer(api, id);
    const volumes = (await api.volumes({})).filter(
      ({ name, labels }) => label.kind in labels || NODE_VOLUMES.includes(name),
    );
    for (const { name } of volumes) await this.#gone(api, name);
    for (const { id } of await api.networks({ [label.kind]: '' })) await api.removeNetwork(id).catch(forgiving);
    if (!keepSwarm) await removeGatewayBridge(api, this.parts.clock);
  }

  /** Swarm releases a volume shortly after its task is gone. */
  #gone(api: Engine, volume: string): Promise<void> {
    const isHeld = (error: unknown): boolean => isMothershipError(error, 'ENGINE_FAILED');
    const pace = { every: PAUSE_MS, within: PATIENCE_MS };
    return retryWhile(this.parts.clock, pace, isHeld, () => api.removeVolume(volume));
  }
}

async function managerOf(members: readonly Member[]): Promise<Member | undefined> {
  for (const member of members)
    if ((await hasEngine(member)) && (await member.api.info()).swarm === 'manager') return member;
  return undefined;
}

/** False on a host whose setup was interrupted before its engine ran: nothing is in it. */
async function hasEngine({ api, machine }: Member): Promise<boolean> {
  try {
    await api.info();
    return true;
  } catch (error) {
    if (!isMothershipError(error, 'ENGINE_UNREACHABLE') || (await machine.readFile(SWARM_STATE)) !== undefined)
      throw error;
    return false;
  }
}

async function removeImages(api: Engine): Promise<void> {
  const images = await api.images({ [label.kind]: '' });
  for (const reference of images.flatMap(ownReferences)) await api.removeImage(reference).catch(forgiving);
}

/** Ignores objects that are already gone or used by others. */
function forgiving(error: unknown): undefined {
  if ((['CLUSTER_NOT_FOUND', 'ENGINE_FAILED', 'QUORUM_LOST'] as const).some((code) => isMothershipError(error, code)))
    return undefined;
  throw error;
}
