import { z } from 'zod';
import { timestamp } from './apps.ts';

const amount = z.number().describe('Bytes');

export const node = z.object({
  id: z.string(),
  hostname: z.string(),
  role: z.enum(['manager', 'worker']),
  leader: z.boolean(),
  reachable: z.boolean().nullable().describe('Whether the other managers can reach it; null for a worker'),
  state: z.enum(['ready', 'down', 'disconnected', 'unknown']),
  availability: z.enum(['active', 'pause', 'drain']).describe('pause: accepts no new tasks; drain: runs none'),
  address: z.string(),
  zone: z.string().nullable(),
  roles: z.array(z.enum(['builder', 'router'])),
  labels: z.record(z.string(), z.string()).describe('Labels not managed by Mothership'),
  engine: z.string(),
  cpus: z.number(),
  memory: amount,
  tasks: z.number().int(),
  reserved: z.object({ memory: amount, cpus: z.number() }).describe('Reserved for its tasks'),
  limits: z.object({ memory: amount }).describe('Upper limit for its tasks'),
});

const placedTask = z.object({
  name: z.string().describe('web.1 of an app, otherwise the service name'),
  app: z.string().nullable(),
  state: z.string(),
  since: timestamp,
  memory: amount.nullable().describe('Its limit in bytes; null if unlimited'),
});

const nodeReport = z.object({
  isolation: z.object({ enforced: z.boolean(), why: z.string() }).optional(),
  missingSysctls: z
    .array(z.string())
    .optional()
    .describe(
      'Settings of the kernel to change before it can build Dockerfiles, such as kernel.unprivileged_userns_clone=1',
    ),
  disk: z.object({ total: amount, free: amount }),
  load: z.array(z.number()).describe('Load averages over 1, 5 and 15 minutes'),
  memory: z.object({ total: amount, available: amount }),
  uptime: z.number().describe('Seconds'),
});

export const nodeInfo = node.extend({
  placed: z.array(placedTask),
  report: nodeReport.nullable().describe('null if the node does not respond'),
  operation: z
    .object({ id: z.string(), kind: z.enum(['drain', 'remove']), by: z.string() })
    .nullable()
    .describe('The operation in progress on it'),
});

/** Swarm uses labels in constraints, where spaces and operators have a meaning. */
const labelKey = z
  .string()
  .regex(
    /^(?!mothership\.)[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i,
    'must be letters, digits, dots and dashes, and must not start with "mothership."',
  );
const labelValue = z.string().regex(/^[\w.:/@-]{0,63}$/, 'must be at most 63 letters, digits, dots and dashes');

export const nodesUpdateBody = z.object({
  role: z.enum(['manager', 'worker']).optional(),
  availability: z.enum(['active', 'pause']).optional().describe('To drain, use the drain operation'),
  zone: z
    .string()
    .regex(/^[\w.-]{1,63}$/, 'must be letters, digits, dots and dashes')
    .nullable()
    .optional(),
  roles: z.object({ builder: z.boolean().optional(), router: z.boolean().optional() }).optional(),
  labels: z.record(labelKey, labelValue.nullable()).optional().describe('null removes the label'),
});
export const nodeUpdated = node.extend({ warnings: z.array(z.string()) });
export const nodesDrainBody = z.object({
  force: z.boolean().optional().describe('Proceed even if something would be lost'),
});
export const nodesRemoveQuery = z.object({ force: z.stringbool().optional() });
export const nodesJoinBody = z.object({ role: z.enum(['manager', 'worker']) });

export const joining = z.object({
  token: z.string().describe('Secret: anyone who has it can join the cluster'),
  managers: z.array(z.string()).describe('ip:2377 of each reachable manager'),
  ca: z.string().nullable().describe('PEM; null if the cluster has no certificate authority'),
  registry: z.object({ host: z.string(), addresses: z.array(z.string()) }).nullable(),
  peers: z.array(z.string()).describe('Addresses of all nodes'),
});

export type Node = z.infer<typeof node>;
export type NodeDetails = z.infer<typeof nodeInfo>;
export type NodeUpdated = z.infer<typeof nodeUpdated>;
export type Joining = z.infer<typeof joining>;
