import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'sample-apps', 'dockerfiles');

/** A Dockerfile of a kind that people have, with its source in `test/sample-apps/dockerfiles/<name>/`. */
export interface DockerfileCase {
  readonly name: string;
  /** Registries besides Docker Hub, and servers. */
  readonly hosts?: readonly string[];
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Code and line of the error. */
  readonly refused?: readonly [code: string, line: number];
  /** Why no test builds it: it needs more than base images. */
  readonly needs?: string;
  /** Of its server, if not `PORT`. */
  readonly port?: number;
  /** Its image is built but does not run. */
  readonly isIdle?: boolean;
}

const BUILT: readonly (DockerfileCase | string)[] = [
  ...['node', 'node-multi-stage', 'node-pnpm-cache', 'node-secret', 'node-link', 'windows-lines', 'byte-order-mark'],
  ...['healthcheck', 'entrypoint', 'platform', 'exclude', 'ignore-file', 'build-args', 'monorepo'],
  ...['python', 'python-non-root', 'here-document-run', 'here-document-copy', 'ruby', 'php', 'java'],
  ...['go-scratch', 'cross-compile', 'apt', 'shell'],
  ...['static', 'escape', 'onbuild', 'labels', 'on-the-platform'].map((name) => ({ name, port: 8080 })),
  { name: 'static-built', port: 80 },
  { name: 'target', target: 'production' },
  { name: 'add-url', hosts: ['example.com'], port: 8080 },
  { name: 'go-cache', hosts: ['gcr.io'] },
  // Its jar is empty.
  { name: 'spring-boot', isIdle: true },
];

const NOT_BUILT: readonly DockerfileCase[] = [
  { name: 'python-uv', hosts: ['ghcr.io'], needs: 'uv' },
  { name: 'php-composer', needs: 'Packagist' },
  { name: 'parents', refused: ['DOCKERFILE_UNSUPPORTED', 3] },
  { name: 'ssh', refused: ['DOCKERFILE_UNSUPPORTED', 2] },
  { name: 'insecure', refused: ['DOCKERFILE_UNSUPPORTED', 2] },
  { name: 'no-network', refused: ['DOCKERFILE_UNSUPPORTED', 2] },
];

export const dockerfileCases: readonly DockerfileCase[] = [
  ...BUILT.map((each) => (typeof each === 'string' ? { name: each } : each)),
  ...NOT_BUILT,
];

export function caseFolder(name: string): string {
  return join(FOLDER, name);
}

export function caseText(name: string): Promise<string> {
  return readFile(join(FOLDER, name, 'Dockerfile'), 'utf8');
}
