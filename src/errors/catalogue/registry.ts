import { failure } from '../entry.ts';

export const registry = {
  REGISTRY_UNREACHABLE: failure<{ where: string; why: string }>(
    503,
    'platform',
    (p) => `The registry at ${p.where} is not responding: ${p.why}.`,
    'Run `mothership doctor` to check the cluster, then try again.',
  ),
  REGISTRY_REFUSED: failure<{ where: string; action: string; why: string }>(
    502,
    'platform',
    (p) => `The registry at ${p.where} refused to ${p.action}: ${p.why}.`,
    'If it is an external registry, check its address, user and password.',
  ),
  IMAGE_GONE: failure<{ image: string }>(
    409,
    'platform',
    (p) => `The image ${p.image} no longer exists on any node or registry of this cluster.`,
    "Deploy the app's source again.",
  ),
};
