/** Swarm ids have 25 base-36 characters, those of containers and local networks 64 hex characters. */
const FULL_ID = /^(?:[0-9a-z]{25}|[0-9a-f]{64})$/;

/**
 * Returns the id to act on. The engine also accepts a prefix of an id as a name, so a free name could match another
 * object: only an object with exactly this name counts.
 */
export async function exactId(
  nameOrId: string,
  find: (nameOrId: string) => Promise<{ readonly id: string } | undefined>,
): Promise<string | undefined> {
  return FULL_ID.test(nameOrId) ? nameOrId : (await find(nameOrId))?.id;
}

/** Returns the object unless the engine took the name for a prefix of an id. */
export function exactly<T extends { readonly id: string; readonly name: string }>(
  nameOrId: string,
  object: T | undefined,
): T | undefined {
  return object && (object.id === nameOrId || object.name === nameOrId) ? object : undefined;
}
