import { createHash } from 'node:crypto';
import type { Generation } from '#store';

/** Swarm's limit for a service's name. */
const NAME_LIMIT = 63;

/** Returns `shop-7`, or `shop-7-2` for its second start: identifies a set of services for routers and labels. */
export function generationId(app: string, generation: Generation): string {
  return `${app}-${numbersOf(generation)}`;
}

export function sameGeneration(a: Generation | undefined, b: Generation | undefined): boolean {
  return a?.release === b?.release && a?.incarnation === b?.incarnation;
}

/** Returns `shop-web-v7`. Types that are too long or not allowed in Swarm's names are hashed. */
export function serviceName(app: string, type: string, generation: Generation): string {
  const name = `${app}-${type}-v${numbersOf(generation)}`;
  const fits = name.length <= NAME_LIMIT && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
  return fits
    ? name
    : `${app}-${createHash('sha256').update(type).digest('hex').slice(0, 8)}-v${numbersOf(generation)}`;
}

/** Returns `app-<id>`, the app's private overlay network. */
export function appNetwork(app: string): string {
  return `app-${app}`;
}

function numbersOf({ release, incarnation }: Generation): string {
  return incarnation > 1 ? `${release}-${incarnation}` : `${release}`;
}
