import { buildDockerfiles } from './dockerfile-corpus.ts';

describe('Dockerfiles of common kinds, with base images from a registry', () => {
  buildDockerfiles({
    cases: ['node', 'node-multi-stage', 'here-document-copy', 'python-non-root', 'static', 'exclude', 'ssh', 'parents'],
    stages: ['debian', 'node', 'python', 'nginx'],
  });
});
