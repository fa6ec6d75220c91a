import { failure } from '../entry.ts';

export const engine = {
  ENGINE_UNREACHABLE: failure<{ where: string; why: string }>(
    503,
    'platform',
    (p) => `Cannot connect to Docker Engine at ${p.where}: ${p.why}.`,
    'Install Docker Engine (on Debian and Ubuntu, `./bin/quickstart` does), start it, and ' +
      'check that you can access its socket.',
  ),
  ENGINE_FAILED: failure<{ action: string; why: string }>(
    502,
    'platform',
    (p) => `Docker Engine failed to ${p.action}: ${p.why}.`,
    'Run `mothership doctor` to check the cluster.',
  ),
  QUORUM_LOST: failure<{ where: string }>(
    503,
    'platform',
    (p) => `The Swarm at ${p.where} has no leader: the managers it can reach are not a majority.`,
    'Try another node: if the other managers are a majority, they continue without this one. ' +
      'Otherwise, bring managers back.',
  ),
  ENGINE_NAME_TAKEN: failure<{ what: string }>(
    409,
    'platform',
    (p) => `Docker Engine already has a ${p.what}.`,
    'Try again. If the error persists, run `mothership doctor`.',
  ),
  IMAGE_UNAVAILABLE: failure<{ image: string; why: string }>(
    422,
    'user',
    (p) => `Cannot find the image ${p.image}: ${p.why}.`,
    "Check its name and tag, and check that the cluster's nodes can reach its registry.",
  ),
  IMAGE_PUSH_FAILED: failure<{ image: string; why: string }>(
    502,
    'platform',
    (p) => `Failed to push the image ${p.image}: ${p.why}.`,
    "Run `mothership doctor` to check the cluster's registry, then try again.",
  ),
  DOCKERFILE_FAILED: failure<{ why: string }>(
    422,
    'app',
    (p) => `Dockerfile build failed: ${p.why}.`,
    'See the failed step in the output above.',
  ),
};
