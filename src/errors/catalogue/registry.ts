import { failure } from '../entry.ts';

export const registry = {
  REGISTRY_UNREACHABLE: failure<{ where: string; why: string }>(
    503,
    'platform',
    (p) => `The registry at ${p.where} does not answer: ${p.why}.`,
    () => 'Run `mothership doctor` for the state of the cluster, then try again.',
  ),
  REGISTRY_REFUSED: failure<{ where: string; action: string; why: string }>(
    502,
    'platform',
    (p) => `The registry at ${p.where} refused to ${p.action}: ${p.why}.`,
    () => 'If it is one of your own, check its address, user and password.',
  ),
  IMAGE_GONE: failure<{ image: string }>(
    409,
    'platform',
    (p) => `The image ${p.image} is on no node and in no registry of this cluster any more.`,
    () => "Deploy the app's source again.",
  ),
};
