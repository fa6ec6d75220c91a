import { z } from 'zod';
import { MiB, TiB } from '#values/size.ts';

const limits = {
  slots: z.number().int().min(1).max(64).describe('Concurrent builds per builder'),
  cacheBytes: z
    .number()
    .int()
    .min(64 * MiB)
    .max(100 * TiB)
    .describe('Total size of all caches on a node'),
  memoryBytes: z
    .number()
    .int()
    .min(64 * MiB)
    .max(TiB),
  cpus: z.number().min(0.1).max(256),
  diskBytes: z
    .number()
    .int()
    .min(16 * MiB)
    .max(10 * TiB)
    .describe('What a build may write to its container and its cache'),
  seconds: z.number().int().min(5).max(86_400),
};

export const buildSettings = z.object({
  env: z
    .record(z.string(), z.string())
    .describe("Variables for every build; an app's config var of the same name wins"),
  registries: z.array(z.string()).describe('Registries that builds may use although their addresses are private'),
  registryLogins: z.record(z.string(), z.string()).describe('Users by registry; passwords are never shown'),
  ...limits,
  slots: limits.slots.nullable().describe('Concurrent builds per builder; null: as many as fit'),
  cacheBytes: limits.cacheBytes
    .nullable()
    .describe('Total size of all caches on a node; null: a fifth of its disk, 2 to 50 GB'),
});

const change = <T extends z.ZodType>(limit: T) => limit.nullable().optional();

/** null removes a setting. */
export const buildSettingsBody = z.object({
  env: z.record(z.string().max(200), z.string().max(8000).nullable()).optional(),
  registries: z
    .record(z.string().max(250), z.literal(true).nullable())
    .optional()
    .describe('Registries that builds may use although their addresses are private: HOST or HOST:PORT'),
  registryLogins: z
    .record(
      z.string().max(250),
      z.object({ user: z.string().min(1).max(500), password: z.string().min(1).max(6000) }).nullable(),
    )
    .optional()
    .describe('Credentials by registry'),
  slots: change(limits.slots),
  cacheBytes: change(limits.cacheBytes),
  memoryBytes: change(limits.memoryBytes),
  cpus: change(limits.cpus),
  diskBytes: change(limits.diskBytes),
  seconds: change(limits.seconds),
});

export type BuildSettings = z.infer<typeof buildSettings>;
