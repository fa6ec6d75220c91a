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
  STILL_RUNNING: failure<{ what: string; kind: string; subject: { kind: string; name: string } }>(
    202,
    'user',
    (p) => `${p.what} continues in the background.`,
    ({ kind, subject }) => {
      if (subject.kind !== 'app')
        return `Check on it with \`mothership ${subject.kind.startsWith('node') ? 'nodes' : 'apps'}\`.`;
      const app = `-a ${subject.name}`;
      if (kind !== 'deploy') return `Check on it with \`mothership ps ${app}\` and \`mothership releases ${app}\`.`;
      return (
        `Check on it with \`mothership releases ${app}\`. While it builds, watch it with ` +
        `\`mothership builds:output ${app}\` or cancel it with \`mothership builds:cancel ${app}\`.`
      );
    },
    ExitCode.running,
  ),
};
