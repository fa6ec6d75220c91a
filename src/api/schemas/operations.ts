import { z } from 'zod';
import { timestamp } from './apps.ts';

export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  suggestion: z.string().optional(),
  ref: z.string().optional(),
});

export const operation = z.object({
  id: z.string(),
  kind: z.enum([
    'deploy',
    'test',
    'config',
    'rollback',
    'retry',
    'scale',
    'restart',
    'stop',
    'resume',
    'restore',
    'stack',
    'drain',
    'remove',
    'rebalance',
  ]),
  subject: z
    .object({ kind: z.enum(['app', 'node', 'nodes', 'apps', 'cluster']), name: z.string() })
    .describe('What the operation changes; `nodes` and `apps` are all of them'),
  by: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
  error: errorBody.nullable(),
  result: z.record(z.string(), z.unknown()).nullable().describe('For example {release, url} for a deploy'),
});

const numbered = {
  n: z.number().int().describe('Starts at 0; pass it as `from` to resume after a lost connection'),
  at: timestamp,
};

export const operationEvent = z.discriminatedUnion('type', [
  z.object({
    ...numbered,
    type: z.literal('phase'),
    phase: z.string(),
    state: z.enum(['started', 'done', 'failed']),
    ms: z.number().optional(),
    detail: z.string().optional(),
  }),
  z.object({ ...numbered, type: z.literal('output'), source: z.string(), line: z.string() }),
  z.object({ ...numbered, type: z.literal('notice'), level: z.enum(['info', 'warning']), message: z.string() }),
  z.object({ ...numbered, type: z.literal('failed'), error: errorBody }),
  z.object({ ...numbered, type: z.literal('done'), result: z.record(z.string(), z.unknown()) }),
]);

export const eventsQuery = z.object({ from: z.coerce.number().int().min(0).optional() });

export const archive = z.string().meta({ format: 'binary' });
export const backupCreateQuery = z.object({
  images: z.stringbool().optional().describe('false: leave out release images'),
});
export const backupRestoreQuery = z.object({
  replace: z.stringbool().optional().describe('Overwrite existing apps'),
  confirm: z.string().max(200).optional().describe("The cluster's name; required with `replace`"),
  tokens: z.stringbool().optional().describe('false: leave out tokens, so that no revoked token becomes valid again'),
});

export const health = z.object({ status: z.literal('ok'), version: z.string() });
export const account = z.object({
  user: z.string(),
  role: z.enum(['admin', 'member', 'deploy']),
  token: z.string(),
  cluster: z.string(),
});

export const token = z.object({
  id: z.string(),
  user: z.string(),
  role: z.enum(['admin', 'member', 'deploy']),
  app: z.string().nullable().describe('The only app that a token with the role deploy may deploy'),
  description: z.string(),
  createdAt: timestamp,
});
export const tokensCreateBody = z.object({
  user: z.string().regex(/^[\w.@+-]{1,64}$/, 'must be 1 to 64 letters, digits and . @ + - _'),
  role: z.enum(['admin', 'member']).optional(),
  deploy: z.string().optional().describe('An app: the token may deploy it and nothing else, whatever its role'),
  description: z.string().max(200).optional(),
});
export const tokenWithValue = token.extend({ value: z.string().describe('Shown only once') });

export const clusterInfo = z.object({
  name: z.string(),
  version: z.string(),
  domain: z.string(),
  url: z.string(),
  stacks: z.array(z.string()),
  publish: z.enum(['ingress', 'host']),
  httpPort: z.number().int(),
  httpsPort: z.number().int(),
  createdAt: timestamp,
  nodes: z.array(
    z.object({
      id: z.string(),
      hostname: z.string(),
      role: z.enum(['manager', 'worker']),
      state: z.string(),
      availability: z.string(),
      address: z.string(),
      engine: z.string(),
      cpus: z.number(),
      memory: z.number(),
      zone: z.string().nullable(),
      roles: z.array(z.string()),
    }),
  ),
  routers: z.array(z.object({ id: z.string(), applied: z.number().int(), current: z.boolean() })),
  isolation: z
    .array(z.object({ node: z.string(), enforced: z.boolean(), why: z.string() }))
    .nullable()
    .describe('Whether each node keeps web processes apart; null until the nodes have been asked'),
  apps: z.number().int(),
});

export type Operation = z.infer<typeof operation>;
export type OperationEvent = z.infer<typeof operationEvent>;
export type Token = z.infer<typeof token>;
export type ClusterInfo = z.infer<typeof clusterInfo>;
export type Account = z.infer<typeof account>;
