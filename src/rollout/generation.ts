import { createHash } from 'node:crypto';
import { label } from '#labels.ts';
import type { Labels } from '#engine';
import type { Generation } from '#store';

/** Swarm's limit for a service's name. */
const NAME_LIMIT = 63;
/** What Swarm and DNS accept of a process type; DNS does not distinguish upper and lower case. */
const PLAIN_TYPE = /^[a-z0-9]+([_-]+[a-z0-9]+)*$/;

/**
 * Returns `shop/7`, or `shop/7.2` for its second start: identifies a set of services for routers and labels. App names
 * contain neither `/` nor `.`.
 */
export function generationId(app: string, { release, incarnation }: Generation): string {
  return incarnation > 1 ? `${app}/${release}.${incarnation}` : `${app}/${release}`;
}

/** Reads the labels of a service or task. Versions up to 0.1 wrote `shop-7-2`, clear only next to the app's label. */
export function generationOf(labels: Labels): Generation | undefined {
  const app = labels[label.app];
  const id = labels[label.generation];
  if (!app || !id?.startsWith(app)) return undefined;
  const match = /^(?:\/(\d+)(?:\.(\d+))?|-(\d+)(?:-(\d+))?)$/.exec(id.slice(app.length));
  return match ? { release: Number(match[1] ?? match[3]), incarnation: Number(match[2] ?? match[4] ?? 1) } : undefined;
}

/** Whether a service or task with these labels belongs to this generation of this app. */
export function isOfGeneration(labels: Labels, app: string, generation: Generation | undefined): boolean {
  return generation !== undefined && labels[label.app] === app && sameGeneration(generationOf(labels), generation);
}

export function sameGeneration(a: Generation | undefined, b: Generation | undefined): boolean {
  return a?.release === b?.release && a?.incarnation === b?.incarnation;
}

/**
 * Returns `shop_web_v7`, or `shop_web_v7-2` for its second start: app names contain no `_`, so no other app's service
 * has this name. Types that Swarm's names cannot contain are hashed (`shop__1a2b3c4d_v7`; no plain type starts with
 * `_`). Only for naming new services: those of versions up to 0.1 have other names and are found by their labels.
 */
export function serviceName(app: string, type: string, { release, incarnation }: Generation): string {
  const version = incarnation > 1 ? `v${release}-${incarnation}` : `v${release}`;
  const name = `${app}_${type}_${version}`;
  if (name.length <= NAME_LIMIT && PLAIN_TYPE.test(type)) return name;
  return `${app}__${createHash('sha256').update(type).digest('hex').slice(0, 8)}_${version}`;
}

/** Returns `app-<id>`, the app's private overlay network. */
export function appNetwork(app: string): string {
  return `app-${app}`;
}
