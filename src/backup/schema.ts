import { z } from 'zod';
import {
  damaged,
  type AppBackup,
  type BackupContents,
  type CertificateBackup,
  type ImageBackup,
  type Manifest,
} from './contents.ts';

/** Keeps fields added by later versions. */
const text = z.string().max(10_000);
const key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const id = z.string().regex(/^[\w-]{1,64}$/);
const count = z.number().int().min(0).max(1_000_000_000);
const imageId = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const generation = z.looseObject({ release: count, incarnation: count });
const kind = z.enum(['buildpacks', 'dockerfile', 'image']);

const app = z.looseObject({
  id: key,
  name: key,
  stack: text,
  createdAt: text,
  maintenance: z.boolean(),
  domains: z.array(text),
  buildpacks: z.array(text),
  lastRelease: count,
  formation: z.record(z.string(), z.looseObject({ quantity: count, memoryBytes: z.number(), cpus: z.number() })),
  source: z.looseObject({ root: text, watch: z.array(text) }).optional(),
  live: generation.optional(),
  lease: z.undefined().optional(),
  previous: z.undefined().optional(),
});
const release = z.looseObject({
  record: z.looseObject({
    app: key,
    version: count.min(1),
    createdAt: text,
    by: text,
    description: text,
    image: imageId.nullable(),
    build: id.nullable(),
    ref: text.nullable(),
    kind,
    stack: text,
    config: z.record(z.string(), z.string()),
    processTypes: z.record(z.string(), z.string().nullable()),
  }),
  status: z.looseObject({ status: z.enum(['succeeded', 'failed']) }),
});
const build = z.looseObject({
  record: z.looseObject({ id, app: key, by: text, createdAt: text, ref: text.nullable(), stack: text, operation: id }),
  status: z.looseObject({ status: z.enum(['succeeded', 'failed', 'cancelled']), kind, buildpacks: z.array(text) }),
});
const appBackup = z
  .strictObject({ app, releases: z.array(release), builds: z.array(build) })
  .refine(
    (all) => [...all.releases, ...all.builds].every(({ record }) => record.app === all.app.id),
    'contains records of another app',
  )
  .refine(
    (all) => !all.app.live || all.releases.some(({ record }) => record.version === all.app.live?.release),
    'is missing its live release',
  );

const manifest = z.looseObject({
  format: z.literal('mothership-backup'),
  version: z.number().int(),
  cluster: text,
  domain: text,
  mothership: text,
  createdAt: text,
  images: z.boolean(),
});
const limit = z.number().positive().optional();
const builds = z.object({
  env: z.record(z.string(), text),
  slots: limit,
  cacheBytes: limit,
  memoryBytes: limit,
  cpus: limit,
  diskBytes: limit,
  seconds: limit,
  registries: z.record(z.string(), z.literal(true)).optional(),
  registryLogins: z.record(z.string(), z.object({ user: z.string(), password: z.string() })).optional(),
});
const cluster = z.looseObject({ name: text, domain: text, builds: builds.optional() });
const tokens = z.array(
  z.looseObject({
    id,
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    user: text,
    role: z.enum(['admin', 'member', 'deploy']),
    app: key.optional(),
    description: text,
    createdAt: text,
  }),
);
const pem = z.string().startsWith('-----BEGIN ').max(100_000);
const certificate = z.looseObject({ domain: text, cert: pem, key: pem }).nullable();
const images = z.array(z.looseObject({ id: imageId, tags: z.array(text), sizeBytes: z.number() }));

/** Parses the records of a backup. Throws BACKUP_DAMAGED with the invalid field. */
export const parse = {
  manifest: parserOf<Manifest>(manifest),
  cluster: parserOf<BackupContents['cluster']>(cluster),
  tokens: parserOf<BackupContents['tokens']>(tokens),
  certificate: parserOf<CertificateBackup | null>(certificate),
  app: parserOf<AppBackup>(appBackup),
  images: parserOf<ImageBackup[]>(images),
} as const;

function parserOf<T>(schema: z.ZodType): (name: string, content: Buffer) => T {
  return (name, content) => parsed(schema, name, content) as T;
}

function parsed(schema: z.ZodType, name: string, content: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    throw damaged(`${name} is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(`${name}: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is invalid'}`);
}
