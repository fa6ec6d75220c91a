import { z } from 'zod';

const appName = z.string().describe('2 to 30 lower-case letters, digits and dashes, starting with a letter');
export const timestamp = z.string().describe('RFC 3339, UTC');

export const size = z.object({
  memory: z.number().int().describe('Bytes'),
  cpus: z.number().describe('CPUs; 0.5 is half a CPU'),
});

export const processFormation = z.object({
  type: z.string(),
  quantity: z.number().int(),
  size,
  command: z.string().nullable().describe("null: the image's default command"),
});

const sourceRoot = z.object({
  root: z.string().describe("The app's folder, relative to the top of the repository; `.` is the top"),
  watch: z.array(z.string()).describe('Globs in .gitignore syntax, relative to the top, that also belong to the app'),
});

export const app = z.object({
  id: z.string().describe('Never changes, even when the app is renamed'),
  name: appName,
  url: z.string(),
  stack: z.string(),
  createdAt: timestamp,
  maintenance: z.boolean(),
  release: z
    .object({ version: z.number().int(), createdAt: timestamp, description: z.string() })
    .nullable()
    .describe('The live release; null before the first'),
  formation: z.array(processFormation),
  domains: z.array(z.string()),
  source: sourceRoot.nullable().describe('null: the whole deployed folder belongs to the app'),
  operation: z
    .object({ id: z.string(), kind: z.string(), by: z.string(), startedAt: timestamp })
    .nullable()
    .describe('The operation that currently holds the app'),
});

export const appsErrorsQuery = z.object({
  hours: z.coerce.number().int().min(1).max(168).optional().describe('Hours to look back; 24 by default'),
});
export const appErrors = z.object({
  since: timestamp,
  errors: z.array(
    z.object({
      source: z.string().describe('router, or a process type'),
      name: z.string().describe("Heroku's code, such as H12 or R15; `exit 1` for other crashes"),
      level: z.enum(['critical', 'warning', 'info']),
      title: z.string(),
      count: z.number().int(),
    }),
  ),
  missing: z.array(z.string()).describe('Nodes whose router log could not be read'),
});

export const appsCreateBody = z.object({
  name: z.string().optional(),
  stack: z.string().optional(),
  buildpacks: z.array(z.string()).max(20).optional(),
});
export const appsUpdateBody = z.object({
  name: z.string().optional(),
  maintenance: z.boolean().optional(),
  source: sourceRoot.partial({ watch: true }).optional(),
});
export const configVars = z.record(z.string(), z.string());
export const configUpdateBody = z.object({
  set: configVars.optional(),
  unset: z.array(z.string()).optional(),
});
export const domain = z.object({ domain: z.string(), kind: z.enum(['default', 'custom']) });
export const domainsAddBody = z.object({ domain: z.string() });

export const formationUpdateBody = z.object({
  updates: z
    .array(
      z.object({
        type: z.string(),
        quantity: z.number().int().optional(),
        delta: z.number().int().optional().describe('Added to the quantity'),
        size: size.partial().optional(),
      }),
    )
    .min(1),
});

export type AppErrors = z.infer<typeof appErrors>;
export type App = z.infer<typeof app>;
export type ProcessFormation = z.infer<typeof processFormation>;
export type Domain = z.infer<typeof domain>;
