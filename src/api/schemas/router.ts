import { z } from 'zod';

export const routerReport = z.object({
  id: z.string().min(1).max(128),
  applied: z
    .number()
    .int()
    .nonnegative()
    .describe('Route table version that all its workers serve; 0 before the first'),
  inFlight: z.record(z.string().max(128), z.number().int().nonnegative()).describe('Requests in flight by release'),
});

const release = z.object({
  id: z.string(),
  weight: z.number(),
  peers: z.array(z.object({ host: z.string(), port: z.number().int() })).readonly(),
});

export const routeTable = z.object({
  version: z.number().int(),
  routes: z
    .array(
      z.object({
        host: z.string().describe('Exact host name, or *.example.com'),
        path: z.string(),
        app: z.string(),
        releases: z.array(release).readonly(),
        maintenance: z.boolean().optional(),
        webless: z.boolean().optional(),
      }),
    )
    .readonly(),
});
