import { label, practiceLabel } from '#labels.ts';
import { counted } from '#values/counted.ts';
import { ownContainers, ownReferences } from '#ownership.ts';
import type { ContainerInfo, Engine, Labels } from '#engine';
import type { Store } from '#store';
import { names } from '../names.ts';
import { isOurs } from '../setup/observe-cluster.ts';

/** In order of removal: no group is needed by a later one. Configs go last, because they hold the settings. */
export const GROUPS = ['services', 'containers', 'networks', 'secrets', 'volumes', 'images', 'configs'] as const;
export type Group = (typeof GROUPS)[number];

export interface Removable {
  /** Id, or tag of an image. */
  readonly ref: string;
  readonly name: string;
}

export interface ObservedCluster {
  /** Undefined if it is no longer recorded. */
  readonly name: string | undefined;
  /** Likewise. */
  readonly domain: string | undefined;
  readonly objects: Readonly<Record<Group, readonly Removable[]>>;
  /** Setup created the Swarm. */
  readonly ownSwarm: boolean;
  readonly foreignServices: readonly string[];
  /** Image of the controller, with which the node's firewall is removed; undefined if the engine lacks it. */
  readonly controllerImage?: string | undefined;
}

export type DestroyStep =
  | { readonly kind: 'remove'; readonly group: Group; readonly objects: readonly Removable[] }
  | { readonly kind: 'firewall'; readonly image: string }
  | { readonly kind: 'leave-swarm' };

export interface DestroyOptions {
  /** Also remove the images of the platform and of apps. */
  readonly images: boolean;
  readonly keepSwarm: boolean;
}

/** Returns what to remove, in order; empty if nothing is left. Stays in a Swarm that others use. */
export function planDestroy(observed: ObservedCluster, options: DestroyOptions): DestroyStep[] {
  const leave = observed.ownSwarm && !options.keepSwarm && observed.foreignServices.length === 0;
  const objects = (group: Group): readonly Removable[] => {
    if (group === 'images' && !options.images) return [];
    // The Swarm's mark stays until the Swarm is left, so that another run knows about it.
    return observed.objects[group].filter((object) => !leave || object.name !== names.swarmMark);
  };
  const groups = GROUPS.filter((group) => objects(group).length > 0);
  const removals = (...wanted: readonly Group[]): DestroyStep[] =>
    groups
      .filter((group) => wanted.includes(group))
      .map((group) => ({ kind: 'remove', group, objects: objects(group) }));
  const [first, second, ...rest] = GROUPS;
  const { controllerImage: image } = observed;
  return [
    // A controller would write the firewall again.
    ...removals(first, second),
    ...(image ? [{ kind: 'firewall', image } as const] : []),
    ...removals(...rest),
    ...(leave ? [{ kind: 'leave-swarm' } as const] : []),
  ];
}

/** Number of objects that a plan removes, by group. */
export function countRemovals(plan: readonly DestroyStep[]): Partial<Record<Group, number>> {
  return Object.fromEntries(
    plan.flatMap((step) => (step.kind === 'remove' ? [[step.group, step.objects.length] as const] : [])),
  );
}

/** `3 services, 2 networks`: what would be removed. */
export function describeRemovals(observed: ObservedCluster, options: DestroyOptions): string {
  const counts = Object.entries(countRemovals(planDestroy(observed, options)));
  return counts.map(([group, count]) => counted(count, group)).join(', ') || 'the Swarm';
}

function byId(all: readonly { id: string; name: string }[]): Removable[] {
  return all.map(({ id, name }) => ({ ref: id, name }));
}

/** Finds everything in the engine that belongs to Mothership. */
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
  const labelled = [services, networks, secrets, configs, volumes].flat<readonly { labels: Labels }[][]>();
  return {
    name: record?.name ?? labelled.map(({ labels }) => labels[label.cluster]).find((name) => name !== undefined),
    domain: record?.domain,
    objects: {
      services: byId(services.filter((service) => isOurs(service.labels))),
      containers: byId(containers),
      networks: byId(networks),
      secrets: byId(secrets),
      volumes: volumes.map(({ name }) => ({ ref: name, name })),
      images: images.flatMap(ownReferences).map((ref) => ({ ref, name: ref })),
      configs: byId(configs),
    },
    ownSwarm: configs.some((config) => config.name === names.swarmMark),
    controllerImage: record && (await engine.image(record.images.controller))?.id,
    foreignServices: services.filter((service) => !isOurs(service.labels)).map((service) => service.name),
  };
}

/** Excludes nodes of a practice cluster, which inherit their image's labels: they are removed later. */
export async function containersOf(engine: Engine): Promise<ContainerInfo[]> {
  const isPracticeNode = ({ name, labels }: ContainerInfo): boolean =>
    practiceLabel.kind in labels && name.startsWith('mothership-');
  return (await ownContainers(engine, { [label.kind]: '' })).filter((container) => !isPracticeNode(container));
}
