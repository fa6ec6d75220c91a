import type { Operation } from '#api';
import { keepUp } from '#events';
import type { OperationPorts } from './ports.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Ended operations kept of each app and of each node, besides those of its builds and releases. */
const KEPT = 20;
const KEPT_MS = 7 * 24 * 3_600_000;
/** Clients may still be reading how an operation on a destroyed app ended. */
const LINGER_MS = 3_600_000;

interface Observed {
  readonly now: number;
  /** Names of all apps. */
  readonly apps: ReadonlySet<string>;
  /** Operations of builds and releases that are kept. */
  readonly kept: ReadonlySet<string>;
}

/** Returns ids of the operations to delete. The operation of a build or release is kept as long as that. */
export function planPruning(operations: readonly Operation[], { now, apps, kept }: Observed): string[] {
  const counts = new Map<string, number>();
  const isOld = ({ id, finishedAt, subject }: Operation): boolean => {
    if (finishedAt === null || kept.has(id)) return false;
    const age = now - Date.parse(finishedAt);
    if (subject.kind === 'app' && !apps.has(subject.name)) return age > LINGER_MS;
    const key = `${subject.kind} ${subject.name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return age > KEPT_MS || counts.get(key)! > KEPT;
  };
  const newestFirst = operations.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return newestFirst.filter(isOld).map(({ id }) => id);
}

/** Deletes old operations once an hour, until the signal aborts. */
export function keepPruned(parts: OperationPorts, signal: AbortSignal): Promise<void> {
  const { clock, logger } = parts;
  const failed = (error: unknown): void => logger.warn({ err: error }, 'failed to prune operations');
  return keepUp({ clock, firstMs: FIRST_MS, everyMs: EVERY_MS, failed }, () => prune(parts), signal);
}

async function prune({ store, operations, clock }: OperationPorts): Promise<void> {
  // Before the apps: an operation on a new app is not one on a destroyed app.
  const recorded = await operations.recorded();
  const apps = await store.apps.list();
  const kept = new Set<string>();
  for (const { id } of apps) {
    for (const { record } of await store.builds.list(id)) kept.add(record.operation);
    for (const { record } of await store.releases.list(id)) if (record.operation) kept.add(record.operation);
  }
  const names = new Set(apps.map(({ name }) => name));
  for (const id of planPruning(recorded, { now: clock.now(), apps: names, kept })) await operations.forget(id);
}
