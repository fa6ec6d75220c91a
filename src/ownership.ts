import { randomBytes } from 'node:crypto';
import type { ContainerInfo, Containers, ImageInfo, Images, LabelFilter } from '#engine';
import { KIND, label } from '#labels.ts';

/** The platform's own images. */
const PLATFORM_IMAGE = /^(mothership|registry\.mothership\.internal:5000\/platform)\//;
/** Swarm's names of tasks: `shop_web_v7.1.<task>`, or with a node's id for a global service. */
const TASK = /\.[0-9a-z]+\.[0-9a-z]{25}$/;
/** Local repositories, and those of a registry: `apps/shop`, `platform/router`. */
const OWN_TAG = /^mothership[/-]|\/(apps|platform)\/[^/]+:/;
/** `run.1234`, `release.7`. */
const ONE_OFF = /^[a-z]+\.\d+$/;

/**
 * Containers that Mothership created. Docker gives a container the labels of its image, which users build, but its name
 * comes only from its creator. So labels count only together with a name that the platform gives.
 */
export async function ownContainers(
  engine: Pick<Containers, 'containers'>,
  filter: LabelFilter,
): Promise<ContainerInfo[]> {
  // eslint-disable-next-line no-restricted-syntax
  return (await engine.containers(filter)).filter(isOwn);
}

/**
 * Containers that versions up to 0.1 left without a name: of images that setup made, whose labels no user set. Only to
 * be removed.
 */
export async function formerContainers(
  engine: Pick<Containers & Images, 'containers' | 'image'>,
  filter: LabelFilter,
): Promise<ContainerInfo[]> {
  // eslint-disable-next-line no-restricted-syntax
  const all = (await engine.containers(filter)).filter((container) => !isOwn(container));
  const images = await Promise.all(all.map(({ image }) => engine.image(image)));
  return all.filter(({ image }, n) => [image, ...(images[n]?.tags ?? [])].some((name) => PLATFORM_IMAGE.test(name)));
}

/** A name for a container that needs no particular one. */
export function newContainerName(kind: string): string {
  return `mothership-${kind}-${randomBytes(6).toString('hex')}`;
}

/** `shop_run.1234`. App ids contain no `_`, and names that Docker itself chooses contain no dot. */
export function oneOffContainerName(app: string, name: string): string {
  return `${app}_${name}`;
}

/** `shop_run-1234`: names of services contain no dot. Its task's container is named like those of other services. */
export function oneOffServiceName(app: string, name: string): string {
  return `${app}_${name.replaceAll('.', '-')}`;
}

/**
 * Tags by which to remove an image of Mothership, or its id if it has none. Images that others built on an app's image
 * inherit its labels, but have other names.
 */
export function ownReferences({ id, tags }: Pick<ImageInfo, 'id' | 'tags'>): readonly string[] {
  if (tags.length === 0) return [id];
  return tags.filter((tag) => OWN_TAG.test(tag));
}

function isOwn({ name, labels }: ContainerInfo): boolean {
  const [app = '', type = ''] = [labels[label.app], labels[label.type]];
  // Versions up to 0.1 named one-offs `shop-run-1234`.
  if (labels[label.kind] === KIND.run)
    return ONE_OFF.test(type) && [oneOffContainerName(app, type), `${app}-${type.replace('.', '-')}`].includes(name);
  return name.startsWith('mothership-') || TASK.test(name);
}
