import { buildDockerfiles } from '../builds/dockerfile-corpus.ts';

describe('Dockerfiles of forty kinds, with base images from a registry', () => buildDockerfiles());
