import type { ContainerInfo, Engine, Labels } from '../../engine/index.ts';
import type { Store } from '../../store/index.ts';
import { label, names } from '../names.ts';
import { isOurs } from '../setup/observe-cluster.ts';

/** In the order they are removed: each group is needed by none of the later ones. The settings go last. */
export const GROUPS = ['services', 'containers', 'networks', 'secrets', 'volumes', 'images', 'configs'] as const;
export type Group = (typeof GROUPS)[number];

export interface Removable {
  /** What the engine is asked to remove: an id, or a tag of an image. */
  readonly ref: string;
  readonly name: string;
}

export interface ObservedCluster {
  /** Undefined when nothing says it any more. */
  readonly name: string | undefined;
  readonly objects: Readonly<Record<Group, readonly Removable[]>>;
  /** Setup made the Swarm. */
  readonly ownSwarm: boolean;
  readonly foreignServices: readonly string[];
}

export type DestroyStep =
  | { readonly kind: 'remove'; readonly group: Group; readonly objects: readonly Removable[] }
  | { readonly kind: 'leave-swarm' };

export interface DestroyOptions {
  /** The platform's images and the apps' too. */
  readonly images: boolean;
  readonly keepSwarm: boolean;
}

/** What must go, in order; empty when nothing is left. A Swarm that others use is not left. */
export function planDestroy(observed: ObservedCluster, options: DestroyOptions): DestroyStep[] {
  const leave = observed.ownSwarm && !options.keepSwarm && observed.foreignServices.length === 0;
  const objects = (group: Group): readonly Removable[] => {
    if (group === 'images' && !options.images) return [];
    // While the Swarm is to be left, its mark stays: a second run must know of it.
    return observed.objects[group].filter((object) => !leave || object.name !== names.swarmMark);
  };
  const groups = GROUPS.filter((group) => objects(group).length > 0);
  const removals = groups.map((group) => ({ kind: 'remove' as const, group, objects: objects(group) }));
  return leave ? [...removals, { kind: 'leave-swarm' }] : removals;
}

/** Everything in the engine that is Mothership's. */
export async function observeObjects(engine: Engine, store: Store): Promise<ObservedCluster> {
  const managed = (await engine.info()).swarm === 'manager';
  const ours = { [label.kind]: '' };
  const inSwarm = async <T>(list: () => Promise<T[]>): Promise<T[]> => (managed ? list() : []);
  const [services, networks, secrets, configs, containers, volumes, images, record] = await Promise.all([
    inSwarm(() => engine.services({})),
    engine.networks(ours),
    inSwarm(() => engine.secrets(ours)),
    inSwarm(() => engine.configs(ours)),
    containersOf(engine),
    engine.volumes(ours),
    engine.images(ours),
    managed ? store.cluster.get() : undefined,
  ]);
  const byId = (all: readonly { id: string; name: string }[]): Removable[] =>
    all.map(({ id, name }) => ({ ref: id, name }));
  const labelled: readonly { labels: Labels }[] = [
    ...services,
    ...networks,
    ...secrets,
    ...configs,
    ...containers,
    ...volumes,
  ];
  return {
    name: record?.name ?? labelled.map(({ labels }) => labels[label.cluster]).find((name) => name !== undefined),
    objects: {
      services: byId(services.filter((service) => isOurs(service.labels))),
      containers: byId(containers),
      networks: byId(networks),
      secrets: byId(secrets),
      volumes: volumes.map(({ name }) => ({ ref: name, name })),
      images: images.flatMap((image) =>
        (image.tags.length > 0 ? image.tags : [image.id]).map((ref) => ({ ref, name: ref })),
      ),
      configs: byId(configs),
    },
    ownSwarm: configs.some((config) => config.name === names.swarmMark),
    foreignServices: services.filter((service) => !isOurs(service.labels)).map((service) => service.name),
  };
}

/** Without the nodes of a practice cluster, which have the labels of their image too: they go after what is on them. */
export async function containersOf(engine: Engine): Promise<ContainerInfo[]> {
  return (await engine.containers({ [label.kind]: '' })).filter(({ labels }) => !(label.practice in labels));
}
