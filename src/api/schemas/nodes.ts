import { z } from 'zod';
import { timestamp } from './apps.ts';

const amount = z.number().describe('Bytes');

export const node = z.object({
  id: z.string(),
  hostname: z.string(),
  role: z.enum(['manager', 'worker']),
  leader: z.boolean(),
  reachable: z.boolean().nullable().describe('Whether the other managers hear of it; null for a worker'),
  state: z.enum(['ready', 'down', 'disconnected', 'unknown']),
  availability: z.enum(['active', 'pause', 'drain']).describe('pause: takes no new tasks; drain: has to run none'),
  address: z.string(),
  zone: z.string().nullable(),
  roles: z.array(z.enum(['builder', 'router'])),
  labels: z.record(z.string(), z.string()).describe("Those that are not Mothership's"),
  engine: z.string(),
  cpus: z.number(),
  memory: amount,
  tasks: z.number().int(),
  reserved: z.object({ memory: amount, cpus: z.number() }).describe('What its tasks are promised'),
  limits: z.object({ memory: amount }).describe('What its tasks may take at most'),
});

export const placedTask = z.object({
  name: z.string().describe('web.1 of an app, else the service'),
  app: z.string().nullable(),
  state: z.string(),
  since: timestamp,
  memory: amount.nullable().describe('Its limit, in bytes; null when it has none'),
});

export const nodeReport = z.object({
  disk: z.object({ total: amount, free: amount }),
  load: z.array(z.number()).describe('Averages over 1, 5 and 15 minutes'),
  memory: z.object({ total: amount, available: amount }),
  uptime: z.number().describe('Seconds'),
});

export const nodeInfo = node.extend({
  placed: z.array(placedTask),
  report: nodeReport.nullable().describe('null when the node does not answer'),
  operation: z
    .object({ id: z.string(), kind: z.enum(['drain', 'remove']), by: z.string() })
    .nullable()
    .describe('What is being done with it'),
});

/** Swarm puts labels into constraints, where spaces and operators would mean something. */
const labelKey = z
  .string()
  .regex(
    /^(?!mothership\.)[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i,
    'must be letters, digits, dots and dashes, and not begin with "mothership."',
  );
const labelValue = z.string().regex(/^[\w.:/@-]{0,63}$/, 'must be at most 63 letters, digits, dots and dashes');

export const nodesUpdateBody = z.object({
  role: z.enum(['manager', 'worker']).optional(),
  availability: z.enum(['active', 'pause']).optional().describe('For drain there is an operation'),
  zone: z
    .string()
    .regex(/^[\w.-]{1,63}$/, 'must be letters, digits, dots and dashes')
    .nullable()
    .optional(),
  roles: z.object({ builder: z.boolean().optional(), router: z.boolean().optional() }).optional(),
  labels: z.record(labelKey, labelValue.nullable()).optional().describe('null removes one'),
});
export const nodeUpdated = node.extend({ warnings: z.array(z.string()) });
export const nodesDrainBody = z.object({ force: z.boolean().optional().describe('Although something would be lost') });
export const nodesRemoveQuery = z.object({ force: z.stringbool().optional() });
export const nodesJoinBody = z.object({ role: z.enum(['manager', 'worker']) });

export const joining = z.object({
  token: z.string().describe('Secret: whoever has it can join'),
  managers: z.array(z.string()).describe('ip:2377 of those that can be reached'),
  ca: z.string().nullable().describe('PEM; null when the cluster has none'),
  registry: z.object({ host: z.string(), addresses: z.array(z.string()) }).nullable(),
  peers: z.array(z.string()).describe('Addresses of all nodes'),
});

export type Node = z.infer<typeof node>;
export type NodeDetails = z.infer<typeof nodeInfo>;
export type NodeUpdated = z.infer<typeof nodeUpdated>;
export type Joining = z.infer<typeof joining>;
