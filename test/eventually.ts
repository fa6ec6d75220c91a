/** Looks so often, so that a test ends as soon as it can. */
const EVERY_MS = 5;

/**
 * The first truthy answer of `look`, for what no fake clock governs: sockets, processes, engines.
 * Throws, naming `what`, when there is none within `withinMs` of real time.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<NonNullable<T>> {
  for (const end = Date.now() + withinMs; ; await new Promise((resolve) => setTimeout(resolve, EVERY_MS))) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
  }
}
