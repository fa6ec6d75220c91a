import { z } from 'zod';
import { timestamp } from './apps.ts';

export const task = z.object({
  name: z.string().describe('Type and slot, e.g. web.1'),
  type: z.string(),
  slot: z.number().int(),
  state: z.enum(['starting', 'up', 'stopping', 'crashed', 'pending']),
  detail: z.string().describe('Why it is in this state; may be empty'),
  release: z.number().int(),
  node: z.string(),
  zone: z.string().nullable().describe('Zone of the node; null if nodes have none'),
  since: timestamp,
  started: timestamp.nullable(),
  command: z.string().nullable(),
  size: z.object({ memory: z.number(), cpus: z.number() }),
  exitCode: z.number().int().nullable(),
  usage: z
    .object({
      cpus: z.number().describe('CPUs in use'),
      memory: z.number().describe('Bytes, without page cache'),
      memoryLimit: z.number(),
    })
    .nullable()
    .describe('Current usage; null if its node does not respond within a second'),
  id: z.string(),
});

/** What a process can be given: the kernel ends words at NUL. */
const word = z.string().regex(/^[^\0]*$/, 'contains a NUL character');
const variable = z.string().regex(/^[^\0=]+$/, 'is not the name of an environment variable');

export const psRestartBody = z.object({ type: z.string().optional().describe('All if omitted') });
export const psStopBody = z.object({ target: z.string().describe('A process type, or a one-off such as run.1234') });

const processName = z
  .string()
  .optional()
  .describe('web.1, run.1234, or a process type for its first process; defaults to the first web process');
export const psExecBody = z.object({
  ps: processName,
  command: z.array(word).optional().describe('argv; a single element is passed to a shell, none opens a shell'),
  tty: z.boolean().optional(),
  columns: z.number().int().optional(),
  rows: z.number().int().optional(),
});
export const exec = z.object({ id: z.string(), ps: z.string() });
export const psCopyQuery = z.object({
  ps: processName,
  path: z.string().min(1).describe('File or folder to read, or the folder to unpack into'),
  into: z.stringbool().optional().describe('Copies into the process: the client sends the tar'),
});
export const psForwardQuery = z.object({ ps: processName, port: z.coerce.number().int().min(1).max(65_535) });

export const runCreateBody = z.object({
  command: z.array(word).min(1).describe('argv; a single element with spaces is passed to bash'),
  tty: z.boolean().optional(),
  detached: z.boolean().optional(),
  type: z.string().optional().describe('Process type whose size and command line are used'),
  columns: z.number().int().optional(),
  rows: z.number().int().optional(),
  env: z.record(variable, word).optional(),
});
export const listedRun = z.object({
  name: z.string(),
  state: z.enum(['starting', 'up', 'stopping', 'ended']),
  detail: z.string().describe('Why it is in this state; may be empty'),
  exitCode: z.number().int().nullable().describe('null until it has ended, or if it never started'),
  release: z.number().int(),
  command: z.string().nullable().describe('Command line, cut after 200 characters; null if unknown'),
  detached: z.boolean(),
  createdAt: timestamp,
  /** When it entered its state. */
  since: timestamp,
  node: z.string().nullable().describe('null while it waits for a node'),
});
export const run = z.object({ id: z.string(), name: z.string(), release: z.number().int() });

export const logsQuery = z.object({
  n: z.coerce.number().int().min(0).max(10_000).optional().describe('Past lines to return; 100 by default'),
  tail: z.stringbool().optional(),
  ps: z.string().optional().describe('A type or a task, e.g. web or web.2'),
  source: z.enum(['app', 'router']).optional(),
});
export const logLine = z.object({
  at: timestamp,
  source: z.enum(['app', 'router']),
  ps: z.string().describe('The task that wrote it: web.1, run.1234, router'),
  line: z.string(),
});

export type Task = z.infer<typeof task>;
export type Exec = z.infer<typeof exec>;
export type ListedRun = z.infer<typeof listedRun>;
export type Run = z.infer<typeof run>;
export type LogEntry = z.infer<typeof logLine>;
