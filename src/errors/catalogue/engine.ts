import { failure } from '../entry.ts';

export const engine = {
  ENGINE_UNREACHABLE: failure<{ where: string; why: string }>(
    503,
    'platform',
    (p) => `No Docker Engine answers at ${p.where}: ${p.why}.`,
    () =>
      'Install Docker Engine (`./bin/quickstart` does it on Debian and Ubuntu), start it, and check that you may use its socket.',
  ),
  ENGINE_FAILED: failure<{ action: string; why: string }>(
    502,
    'platform',
    (p) => `The Docker Engine refused to ${p.action}: ${p.why}.`,
    () => 'Run `mothership doctor` for the state of the cluster.',
  ),
  QUORUM_LOST: failure<{ where: string }>(
    503,
    'platform',
    (p) => `The Swarm at ${p.where} has no leader: the managers that are left there are not the majority.`,
    () => 'Ask another node: if the others are the majority, they go on without this one. Else bring managers back.',
  ),
  ENGINE_NAME_TAKEN: failure<{ what: string }>(
    409,
    'platform',
    (p) => `The Docker Engine has a ${p.what} already.`,
    () => 'Try again; if it stays, run `mothership doctor`.',
  ),
  IMAGE_UNAVAILABLE: failure<{ image: string; why: string }>(
    422,
    'user',
    (p) => `The image ${p.image} is not to be had: ${p.why}.`,
    () => "Check its name and tag, and that the cluster's nodes can reach its registry.",
  ),
  IMAGE_PUSH_FAILED: failure<{ image: string; why: string }>(
    502,
    'platform',
    (p) => `The image ${p.image} could not be pushed: ${p.why}.`,
    () => "Run `mothership doctor` for the state of the cluster's registry, then try again.",
  ),
  DOCKERFILE_FAILED: failure<{ why: string }>(
    422,
    'app',
    (p) => `The Dockerfile did not build: ${p.why}.`,
    () => 'The lines above are the step that failed.',
  ),
};
