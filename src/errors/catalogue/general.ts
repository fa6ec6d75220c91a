import { ExitCode, failure, usage } from '../entry.ts';

export const general = {
  INTERNAL: failure<{ ref: string }>(
    500,
    'platform',
    (p) => `Internal error (reference ${p.ref}).`,
    'Try again. If the error persists, look for the reference in `docker service logs ' +
      'mothership-controller` on a manager.',
  ),
  REQUEST_INVALID: usage<{ why: string }>((p) => `Invalid request: ${p.why}.`, undefined, 400),
  ROUTE_NOT_FOUND: failure<{ path: string }>(
    404,
    'user',
    (p) => `The API has no route ${p.path}.`,
    'See the API description at /openapi.json.',
  ),
  UNAUTHENTICATED: failure<Record<string, never>>(
    401,
    'user',
    'The token is missing, invalid or revoked.',
    'Log in again with `mothership login`.',
  ),
  FORBIDDEN: failure<{ what: string }>(
    403,
    'user',
    (p) => `This token is not allowed to ${p.what}.`,
    'Ask an admin of the cluster.',
  ),
  CONFLICT: failure<{ what: string }>(
    409,
    'platform',
    (p) => `${p.what} was changed by another request at the same time.`,
    'Try again.',
  ),
  CANCELLED: failure<{ what: string }>(409, 'user', (p) => `${p.what} was cancelled.`, undefined, ExitCode.cancelled),
  STILL_RUNNING: failure<{ what: string }>(
    202,
    'user',
    (p) => `${p.what} continues in the background.`,
    undefined,
    ExitCode.running,
  ),
};
