import { randomUUID } from 'node:crypto';
import { MiB } from '#values/size.ts';
import type { FastifyBaseLogger } from 'fastify';
import type { z } from 'zod';
import { fail, isMothershipError, type MothershipError } from '#errors';

export const BODY_LIMIT_BYTES = 4 * MiB;

/**
 * Converts anything thrown to a catalogue error. Unexpected errors become INTERNAL with a `ref` to find them in the
 * log.
 */
export function toCatalogueError(
  error: unknown,
  request: { headers: { 'content-type'?: string | undefined } },
  log: Pick<FastifyBaseLogger, 'error'>,
): MothershipError {
  if (isMothershipError(error)) return error;
  const { code = '', statusCode = 500, message } = error as { code?: string; statusCode?: number; message: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return fail('BODY_TOO_LARGE', { limit: `${BODY_LIMIT_BYTES / 1024 / 1024} MiB` });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return fail('MEDIA_TYPE_UNSUPPORTED', {
      given: request.headers['content-type'] ?? 'none',
      expected: 'application/json',
    });
  }
  if (statusCode >= 400 && statusCode < 500)
    return fail('REQUEST_INVALID', { why: message.slice(0, 200).replace(/\.$/, '') });
  const ref = randomUUID();
  log.error({ err: error, ref }, 'request failed with an unexpected error');
  return fail('INTERNAL', { ref }, error);
}

/** Parses one part of a request. Throws REQUEST_INVALID with the location of the error. */
export function parsePart<T>(part: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const what = (first?.message ?? 'it is invalid').replace(/^Invalid input: /, '');
  const path = (first?.path ?? []).map(String);
  const where = [part, ...path].join('.').slice(0, 100);
  // Messages of our schemas continue the field's name; zod's follow a colon.
  const isPredicate = /^(must|may|is|contains) /.test(what);
  const why = isPredicate ? `${path.join('.').slice(0, 100) || part} ${what}` : `${where}: ${what}`;
  throw fail('REQUEST_INVALID', { why: `${why}${others.length > 0 ? ` (and ${others.length} more)` : ''}` });
}
