import type { LabelFilter } from '../engine.ts';

/** Swarm ids have 25 characters of base 36, those of containers and local networks 64 of hex. */
const FULL_ID = /^(?:[0-9a-z]{25}|[0-9a-f]{64})$/;

/**
 * The id to act on. The engine also takes the beginning of an id for a name, so a name that is free could hit an
 * object of somebody else: only what `find` proves to bear exactly this name counts.
 */
export async function exactId(
  nameOrId: string,
  find: (nameOrId: string) => Promise<{ readonly id: string } | undefined>,
): Promise<string | undefined> {
  return FULL_ID.test(nameOrId) ? nameOrId : (await find(nameOrId))?.id;
}

/** The object itself, unless the engine took the name for the beginning of an id. */
export function exactly<T extends { readonly id: string; readonly name: string }>(
  nameOrId: string,
  object: T | undefined,
): T | undefined {
  return object && (object.id === nameOrId || object.name === nameOrId) ? object : undefined;
}

/** The `filters` parameter of a list. */
export function filters(
  labels: LabelFilter,
  others: Readonly<Record<string, readonly string[]>> = {},
): { filters?: string } {
  const label = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  const all = { ...others, ...(label.length > 0 ? { label } : {}) };
  return Object.keys(all).length > 0 ? { filters: JSON.stringify(all) } : {};
}
