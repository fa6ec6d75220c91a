import type { Engine, Execs } from '#engine';
import { fail } from '#errors';
import type { Clock, Logger, Secret } from '#events';
import { Images } from './images.ts';
import { LocalImages } from './local-images.ts';
import type { ImageStore } from './image-store.ts';
import type { Registry } from './client/registry.ts';
import type { ClusterRecord } from '#store';
import { ClusterRegistries, externalRegistry } from './registries.ts';

/** What the controller needs to reach registries. */
export interface RegistryAccess {
  readonly password: Secret;
  /** PEM of the cluster's own authority. */
  readonly ca?: Buffer;
  /** Replaces the registries that Swarm runs. */
  readonly registries?: () => Promise<readonly Registry[]>;
}

interface ImageStoreParts {
  readonly engine: Engine;
  readonly engineOn: (nodeId: string) => Promise<Execs>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cluster: ClusterRecord;
  readonly access: RegistryAccess | undefined;
  /** Authorities of a site with an intercepting proxy. */
  readonly caBundle: Buffer | undefined;
}

/** Returns where this cluster's images are: on its only node, in its own registries, or in an external one. */
export function imageStore(parts: ImageStoreParts): ImageStore {
  const {
    engine,
    clock,
    logger,
    cluster: { registry },
    access,
    caBundle,
  } = parts;
  if (!registry) return new LocalImages(engine);
  const { prefix, user, kind } = registry;
  if (!access)
    throw fail('REGISTRY_REFUSED', {
      where: prefix,
      action: 'authenticate the controller',
      why: 'its password is missing; run setup again',
    });
  const auth = { user, password: access.password };
  const shared = { engine, clock, prefix, auth, warn: (facts: object, message: string) => logger.warn(facts, message) };
  if (kind === 'external') {
    const external = externalRegistry({ prefix, auth, ca: caBundle });
    return new Images({
      ...shared,
      collects: false,
      registries: access.registries ?? (() => Promise.resolve([external])),
    });
  }
  const own = new ClusterRegistries({ ...parts, prefix, auth, ca: access.ca ?? Buffer.alloc(0) });
  return new Images({ ...shared, collects: true, registries: access.registries ?? (() => own.running()) });
}
