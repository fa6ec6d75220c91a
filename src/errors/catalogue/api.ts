import { failure, usage } from '../entry.ts';

export const api = {
  BODY_TOO_LARGE: usage<{ limit: string }>(
    (p) => `The request's body is larger than ${p.limit}.`,
    () => 'Send less at a time; keep large values in a file of the app or in a backing service.',
    413,
  ),
  UPLOAD_TOO_LARGE: usage<{ limit: string }>(
    (p) => `The source is larger than ${p.limit}.`,
    () => 'Keep large files out of it with .gitignore or .slugignore.',
    413,
  ),
  UPLOAD_INCOMPLETE: failure<{ received: number }>(
    400,
    'user',
    (p) => `The upload broke off after ${p.received} bytes.`,
    () => 'Check the connection and deploy again.',
  ),
  MEDIA_TYPE_UNSUPPORTED: usage<{ given: string; expected: string }>(
    (p) => `A body of type "${p.given}" is not taken here; send ${p.expected}.`,
    undefined,
    415,
  ),
  UPGRADE_REQUIRED: failure<{ path: string }>(
    426,
    'user',
    (p) => `${p.path} speaks WebSocket only.`,
    () => 'Connect to it with a WebSocket client, or use `mothership run`.',
  ),
  CONTROLLER_STOPPING: failure<Record<string, never>>(
    503,
    'platform',
    () => 'The controller is stopping; another one takes over in a moment.',
    () => 'Try again in a few seconds.',
  ),
};
