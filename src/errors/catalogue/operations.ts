import { failure } from '../entry.ts';

export const operations = {
  OPERATION_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `Cannot find the operation ${p.id}.`,
    'Operations are deleted after a few days; see their results with `mothership releases`.',
  ),
  INTERRUPTED: failure<{ what: string }>(
    503,
    'platform',
    (p) => `The controller restarted during ${p.what}; its changes were rolled back.`,
    'Run the command again.',
  ),
  BUILD_NOT_FOUND: failure<{ app: string; build: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no build ${p.build}.`,
    'List its builds with `mothership builds`.',
  ),
  BUILD_ENDED: failure<{ build: string; status: 'succeeded' | 'failed' | 'cancelled' }>(
    409,
    'user',
    (p) => `The build ${p.build} has already ${p.status === 'cancelled' ? 'been cancelled' : p.status}.`,
    'List the builds with `mothership builds`.',
  ),
  TOKEN_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `Cannot find the token ${p.id}.`,
    'List tokens with `mothership tokens`.',
  ),
  RUN_NOT_FOUND: failure<{ run: string }>(
    404,
    'user',
    (p) => `Cannot find the one-off process ${p.run}, or it is already attached to a terminal.`,
  ),
  RUN_NOT_RUNNING: failure<{ run: string; app: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no running one-off process ${p.run}.`,
    'List them with `mothership run:list`.',
  ),
  RUN_NOT_STARTED: failure<{ run: string; why: string }>(
    422,
    'platform',
    (p) => `The one-off process did not start: ${p.run} ${p.why}.`,
    'Check the nodes with `mothership nodes`, then run the command again.',
  ),
  NOT_SET_UP: failure<Record<string, never>>(
    503,
    'platform',
    'This Swarm has no Mothership cluster.',
    'Run `mothership setup`.',
  ),
};
