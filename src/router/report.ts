import { z } from 'zod';
import { fail } from '../errors/index.ts';
import type { RouterReport } from './table.ts';

const schema = z.object({
  id: z.string().min(1).max(128),
  applied: z.number().int().nonnegative(),
  inFlight: z.record(z.string().max(128), z.number().int().nonnegative()),
});

/** Reads the body of `POST /router/poll`; throws REQUEST_INVALID. */
export function parseReport(body: unknown): RouterReport {
  const result = schema.safeParse(body);
  if (!result.success) throw fail('REQUEST_INVALID', { why: z.prettifyError(result.error) });
  return result.data;
}
