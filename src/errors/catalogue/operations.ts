import { failure } from '../entry.ts';

export const operations = {
  OPERATION_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `There is no operation ${p.id}.`,
    () => 'Operations are forgotten after some days; `mothership releases` tells what became of them.',
  ),
  INTERRUPTED: failure<{ what: string }>(
    503,
    'platform',
    (p) => `The controller was restarted during ${p.what}; what was begun has been undone.`,
    () => 'Run the command again.',
  ),
  BUILD_NOT_FOUND: failure<{ app: string; build: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no build ${p.build}.`,
    () => 'List its builds with `mothership builds`.',
  ),
  TOKEN_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `There is no token ${p.id}.`,
    () => 'List the tokens with `mothership tokens`.',
  ),
  RUN_NOT_FOUND: failure<{ run: string }>(
    404,
    'user',
    (p) => `There is no one-off process ${p.run}, or somebody is attached to it already.`,
  ),
  NOT_SET_UP: failure<Record<string, never>>(
    503,
    'platform',
    () => 'This Swarm has no Mothership.',
    () => 'Run `mothership setup`.',
  ),
};
