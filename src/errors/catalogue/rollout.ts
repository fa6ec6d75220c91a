import { ExitCode, failure } from '../entry.ts';

export const rollout = {
  RELEASE_NOT_FOUND: failure<{ app: string; version: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no release ${p.version}.`,
    () => 'List its releases with `mothership releases`.',
  ),
  ROLLBACK_NOWHERE: failure<{ app: string }>(409, 'user', (p) => `"${p.app}" has no earlier release to go back to.`),
  ROLLBACK_TO_FAILED: failure<{ app: string; version: string }>(
    409,
    'user',
    (p) => `${p.version} of "${p.app}" never ran: there is nothing to go back to.`,
    () => 'Choose a release that succeeded: `mothership releases`.',
  ),
  SCALE_INCOMPLETE: failure<{ type: string; up: number; wanted: number; why: string }>(
    422,
    'app',
    (p) => `${p.up} of ${p.wanted} ${p.type} processes are up: ${p.why}.`,
    () => 'Swarm goes on trying. See `mothership ps` and `mothership logs`.',
    ExitCode.partial,
  ),
  ROLLOUT_TASK_FAILED: failure<{ type: string; why: string }>(
    422,
    'app',
    (p) => `The new release did not start: ${p.type} ${p.why}.`,
    () => "The old release, if there was one, goes on serving. The lines above are the app's own last words.",
  ),
  ROLLOUT_NEVER_READY: failure<{ type: string; seconds: number; why: string }>(
    422,
    'app',
    (p) => `The new release was not ready after ${p.seconds} s: ${p.type} ${p.why}.`,
    () =>
      'The old release, if there was one, goes on serving. A web process must listen on the port in $PORT, on every address (0.0.0.0).',
  ),
  ROLLOUT_UNPLACED: failure<{ type: string; why: string }>(
    422,
    'platform',
    (p) => `No node could take ${p.type}: ${p.why}.`,
    () => 'Make its size smaller with `mothership ps:type`, or add a node.',
  ),
  ROLLOUT_ROUTERS_SILENT: failure<{ seconds: number; missing: string[] }>(
    503,
    'platform',
    (p) =>
      `The routers did not take the new routes within ${p.seconds} s (${p.missing.join(', ') || 'no router is connected'}).`,
    () => 'Run `mothership doctor`.',
  ),
  RELEASE_PHASE_FAILED: failure<{ exitCode: number }>(
    422,
    'app',
    (p) => `The release command failed with exit code ${p.exitCode}.`,
    () => 'The old release, if there was one, goes on serving.',
  ),
};
