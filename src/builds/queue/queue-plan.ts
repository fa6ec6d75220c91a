import { GiB } from '#values/size.ts';

/** A queued build. */
export interface WaitingBuild {
  readonly id: string;
  readonly app: string;
  /** Name of the builder that has the app's cache. */
  readonly last?: string;
  /** Ids of builders that were lost during this build. */
  readonly avoid?: readonly string[];
}

/** A build in progress. */
export interface BegunBuild {
  readonly app: string;
  /** Id; undefined once it is built and being released. */
  readonly builder: string | undefined;
}

/** A builder with its number of concurrent builds. */
export interface BuilderNode {
  readonly id: string;
  readonly name: string;
  readonly slots: number;
}

interface BuildStart {
  readonly build: string;
  readonly builder: BuilderNode;
}

export interface ObservedQueue {
  /** In order of arrival. */
  readonly waiting: readonly WaitingBuild[];
  readonly begun: readonly BegunBuild[];
  readonly builders: readonly BuilderNode[];
  /** Turn number of each app's last build; apps that never built are missing. */
  readonly turns: ReadonlyMap<string, number>;
}

/** Memory reserved per build by default: `defaultBuildLimits`. */
const BUILD_MEMORY = 2 * GiB;
/** On a node that also serves apps. */
const SHARED_SLOTS = 2;

/** Settings by an admin. */
interface SlotSettings {
  readonly slots?: number;
  /** Of a build. */
  readonly memoryBytes?: number;
}

/** Concurrent builds: one per core, limited by memory. Dedicated builders run more. */
export function buildSlots(
  { cpus, memoryBytes }: { readonly cpus: number; readonly memoryBytes: number },
  dedicated: boolean,
  settings: SlotSettings = {},
): number {
  if (settings.slots !== undefined) return settings.slots;
  const fit = Math.min(Math.floor(cpus), Math.floor(memoryBytes / (settings.memoryBytes ?? BUILD_MEMORY)));
  return Math.max(1, dedicated ? fit : Math.min(fit, SHARED_SLOTS));
}

/** Returns queued builds in order: round-robin over apps, starting with the one that built least recently. */
export function queueOrder(waiting: readonly WaitingBuild[], turns: ReadonlyMap<string, number>): WaitingBuild[] {
  const seen = new Map<string, number>();
  const placed = waiting.map((build, arrival) => {
    const round = seen.get(build.app) ?? 0;
    seen.set(build.app, round + 1);
    return { build, arrival, round, turn: turns.get(build.app) ?? -1 };
  });
  return placed.sort((a, b) => a.round - b.round || a.turn - b.turn || a.arrival - b.arrival).map(({ build }) => build);
}

/**
 * Decides which builds start, and where. One build per app at a time, so that releases come in the order of deploys.
 */
export function planBuilds({ waiting, begun, builders, turns }: ObservedQueue): BuildStart[] {
  const busy = new Set(begun.map(({ app }) => app));
  const used = new Map(builders.map(({ id }) => [id, begun.filter(({ builder }) => builder === id).length]));
  return queueOrder(waiting, turns).flatMap((build) => {
    if (busy.has(build.app)) return [];
    const builder = chooseBuilder(build, builders, used);
    if (!builder) return [];
    busy.add(build.app);
    used.set(builder.id, (used.get(builder.id) ?? 0) + 1);
    return [{ build: build.id, builder }];
  });
}

/**
 * Prefers the builder with the app's cache if it has a free slot, else the one with most free slots; a builder that
 * lost this build comes last.
 */
function chooseBuilder(
  build: WaitingBuild,
  builders: readonly BuilderNode[],
  used: ReadonlyMap<string, number>,
): BuilderNode | undefined {
  const others = builders.filter(({ id }) => !build.avoid?.includes(id));
  const room = ({ id, slots }: BuilderNode): number => 1 - (used.get(id) ?? 0) / slots;
  const free = (others.length > 0 ? others : builders).filter((builder) => room(builder) > 0);
  return (
    free.find(({ name }) => name === build.last) ??
    free.sort((a, b) => room(b) - room(a) || b.slots - a.slots || a.name.localeCompare(b.name))[0]
  );
}

/** Describes what a build waits for. */
export function waitingFor(
  build: WaitingBuild,
  { waiting, begun, turns }: Pick<ObservedQueue, 'waiting' | 'begun' | 'turns'>,
): string {
  const order = queueOrder(waiting, turns);
  const own = begun.some(({ app }) => app === build.app) || order.find(({ app }) => app === build.app)?.id !== build.id;
  if (own) return 'Waiting for an earlier deploy of this app to finish';
  const before = order.findIndex(({ id }) => id === build.id);
  return `Waiting for a free builder, ${before === 0 ? 'next in line' : `${before} ahead in the queue`}`;
}
