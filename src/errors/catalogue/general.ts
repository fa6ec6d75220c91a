import { ExitCode, failure, usage } from '../entry.ts';

export const general = {
  INTERNAL: failure<{ ref: string }>(
    500,
    'platform',
    (p) => `Mothership made a mistake (reference ${p.ref}).`,
    () => "Try again; if it stays, look at the controller's log with `mothership cluster:logs`.",
  ),
  REQUEST_INVALID: usage<{ why: string }>((p) => `The request is not valid: ${p.why}.`, undefined, 400),
  ROUTE_NOT_FOUND: failure<{ path: string }>(
    404,
    'user',
    (p) => `The API has no ${p.path}.`,
    () => 'The API is described at /openapi.json.',
  ),
  UNAUTHENTICATED: failure<Record<string, never>>(
    401,
    'user',
    () => 'The token is missing, wrong or revoked.',
    () => 'Log in again with `mothership login`.',
  ),
  FORBIDDEN: failure<{ what: string }>(
    403,
    'user',
    (p) => `This token may not ${p.what}.`,
    () => 'Ask an admin of the cluster.',
  ),
  CONFLICT: failure<{ what: string }>(
    409,
    'platform',
    (p) => `${p.what} was changed by somebody else at the same moment.`,
    () => 'Try again.',
  ),
  CANCELLED: failure<{ what: string }>(409, 'user', (p) => `${p.what} was cancelled.`, undefined, ExitCode.cancelled),
  STILL_RUNNING: failure<{ what: string }>(
    202,
    'user',
    (p) => `${p.what} goes on without this terminal.`,
    undefined,
    ExitCode.running,
  ),
};
