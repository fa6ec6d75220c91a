import { failure, usage } from '../entry.ts';

export const api = {
  BODY_TOO_LARGE: usage<{ limit: string }>(
    (p) => `The request body is larger than ${p.limit}.`,
    'Send less at once; keep large values in a file of the app or in a backing service.',
    413,
  ),
  UPLOAD_TOO_LARGE: usage<{ limit: string }>(
    (p) => `The source is larger than ${p.limit}.`,
    'Exclude large files with .gitignore or .slugignore.',
    413,
  ),
  UPLOAD_INCOMPLETE: failure<{ received: number }>(
    400,
    'user',
    (p) => `The upload was interrupted after ${p.received} bytes.`,
    'Check your connection and deploy again.',
  ),
  UPLOAD_STALLED: failure<{ received: number; seconds: number }>(
    408,
    'user',
    (p) => `The upload stalled: after ${p.received} bytes, almost nothing arrived for ${p.seconds} seconds.`,
    () => 'Check your connection and deploy again.',
  ),
  MEDIA_TYPE_UNSUPPORTED: usage<{ given: string; expected: string }>(
    (p) => `Content type "${p.given}" is not supported here; send ${p.expected}.`,
    undefined,
    415,
  ),
  UPGRADE_REQUIRED: failure<{ path: string }>(
    426,
    'user',
    (p) => `${p.path} only accepts WebSocket connections.`,
    'Connect with a WebSocket client, or use `mothership run`.',
  ),
  CONTROLLER_STOPPING: failure<Record<string, never>>(
    503,
    'platform',
    'The controller is shutting down; another one takes over shortly.',
    'Try again in a few seconds.',
  ),
};
