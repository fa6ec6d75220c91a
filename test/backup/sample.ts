import { Readable } from 'node:stream';
import type { BackupContents } from '../../src/backup/index.ts';
import type { AppBackup, ImageBackup } from '../../src/backup/contents.ts';
import type { BackupSource } from '../../src/backup/pack.ts';

export const imageId = (digit: string): string => `sha256:${digit.repeat(64)}`;

export function appBackup(id: string, change: Partial<AppBackup['app']> = {}): AppBackup {
  const release = (version: number, image: string | null) => ({
    record: {
      app: id,
      version,
      createdAt: '2026-01-02T00:00:00Z',
      by: 'ada',
      description: 'Deploy',
      image,
      build: null,
      ref: null,
      kind: 'image' as const,
      stack: 'debian-13',
      config: { KEY: `secret of ${id} v${version}` },
      processTypes: { web: null },
    },
    status: { status: 'succeeded' as const },
  });
  return {
    app: {
      id,
      name: id,
      stack: 'debian-13',
      createdAt: '2026-01-01T00:00:00Z',
      maintenance: false,
      domains: [],
      buildpacks: [],
      lastRelease: 2,
      formation: { web: { quantity: 2, memoryBytes: 512, cpus: 1 } },
      live: { release: 2, incarnation: 1 },
      ...change,
    },
    releases: [release(2, imageId('b')), release(1, imageId('a'))],
    builds: [
      {
        record: {
          id: `${id}-build`,
          app: id,
          by: 'ada',
          createdAt: '2026-01-02T00:00:00Z',
          ref: null,
          stack: 'debian-13',
          operation: 'ab'.repeat(8),
        },
        status: { status: 'succeeded', kind: 'image', buildpacks: [] },
      },
    ],
  };
}

export const cluster = {
  name: 'old',
  version: '0.1.0',
  createdAt: '2026-01-01T00:00:00Z',
  domain: 'old.paas',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  defaultStack: 'debian-13',
  stacks: { 'debian-13': { buildImage: 'build', runImage: 'run' } },
  images: { controller: 'c', router: 'r' },
  provider: 'local',
} as unknown as BackupContents['cluster'];

export const images: ImageBackup[] = [
  { id: imageId('a'), tags: ['app/shop:1'], sizeBytes: 10 },
  { id: imageId('b'), tags: [], sizeBytes: 20 },
];

/** A backup of two apps, whose images are `bytes`. */
export function source(bytes: Buffer | undefined, apps = [appBackup('shop'), appBackup('blog')]): BackupSource {
  return {
    manifest: {
      format: 'mothership-backup',
      version: 2,
      cluster: 'old',
      domain: 'old.paas',
      mothership: '0.1.0',
      createdAt: '2026-02-03T04:05:06Z',
      images: bytes !== undefined,
    },
    cluster,
    tokens: [
      {
        id: 'abcdef012345',
        hash: 'f'.repeat(64),
        user: 'ada',
        role: 'admin',
        description: '',
        createdAt: '2026-01-01T00:00:00Z',
      },
    ],
    certificate: { domain: 'old.paas', cert: '-----BEGIN CERTIFICATE-----\n', key: '-----BEGIN PRIVATE KEY-----\n' },
    apps: Readable.from(apps) as AsyncIterable<AppBackup>,
    images: () => Promise.resolve(images),
    ...(bytes ? { saveImages: () => Promise.resolve(Readable.from(bytes.length ? [bytes] : [])) } : {}),
  };
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In chunks whose ends fall anywhere. */
export async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
