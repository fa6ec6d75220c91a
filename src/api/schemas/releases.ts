import { z } from 'zod';
import { timestamp } from './apps.ts';

export const build = z.object({
  id: z.string(),
  app: z.string(),
  status: z
    .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
    .describe('queued: waiting for a free builder or for an earlier deploy of the app'),
  kind: z.enum(['buildpacks', 'dockerfile', 'image']),
  stack: z.string().nullable(),
  buildpacks: z.array(z.string()),
  ref: z.string().nullable().describe('Commit or other name for the source'),
  by: z.string(),
  createdAt: timestamp,
  finishedAt: timestamp.nullable(),
  image: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  builder: z.string().nullable().describe('The node that ran the build'),
  release: z.number().int().nullable().describe('The release created from it'),
  error: z.string().nullable(),
  operation: z.string(),
});

export const cachePurged = z.object({
  app: z.string(),
  nodes: z.array(z.string()).describe('Nodes whose cache is now empty'),
  missed: z.array(z.string()).describe('Nodes that did not respond'),
});

export const release = z.object({
  version: z.number().int(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  current: z.boolean(),
  description: z.string(),
  by: z.string(),
  createdAt: timestamp,
  image: z.string().nullable().describe('null: config vars set before the first deploy'),
  build: z.string().nullable(),
  ref: z.string().nullable(),
  configKeys: z.array(z.string()),
  processTypes: z.record(z.string(), z.string().nullable()),
  error: z.string().nullable(),
});

export const stack = z.object({
  app: z.string(),
  stack: z.string(),
  runImage: z.string().nullable().describe('Run image of the live release; null if unknown or not from the stack'),
  current: z.string().describe("The stack's newest run image"),
  behind: z.boolean(),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal');

export const buildsCreateQuery = z.object({
  ref: z.string().max(200).optional(),
  kind: z.enum(['auto', 'buildpacks', 'dockerfile']).optional(),
  dockerfile: z.string().max(500).optional().describe('Path within the source; implies kind dockerfile'),
  target: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits and . _ -')
    .optional()
    .describe('Dockerfile stage to build'),
  buildArgs: z.string().max(4000).optional().describe('Dockerfile build args, as a JSON object of strings'),
  clearCache: z.stringbool().optional(),
  source: sha256
    .optional()
    .describe(
      'A source whose manifest was accepted: the body is a gzipped tar of the missing files, each named by its SHA-256',
    ),
  repository: z
    .stringbool()
    .optional()
    .describe(
      "The archive holds the whole repository; for an app with a root, only the app's part is " +
        'built, and only if it has changed',
    ),
  force: z.stringbool().optional().describe('Build even if nothing has changed'),
});
export const sourceOffered = z.object({
  source: sha256.describe('Name for the source, passed to the build'),
  // Up to 200,000: a pattern would hold the event loop for longer than all else.
  missing: z.array(z.string()).describe("SHA-256 of each file that the app's last deploy did not already upload"),
});
export const releasesCreateBody = z.object({ image: z.string().min(1).max(500), ref: z.string().max(200).optional() });
export const rollbackBody = z.object({ version: z.number().int().positive().optional() });

export type Build = z.infer<typeof build>;
export type Stack = z.infer<typeof stack>;
export type CachePurged = z.infer<typeof cachePurged>;
export type SourceOffered = z.infer<typeof sourceOffered>;
export type Release = z.infer<typeof release>;
