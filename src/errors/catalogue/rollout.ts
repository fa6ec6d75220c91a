import { ExitCode, failure } from '../entry.ts';

export const rollout = {
  RELEASE_NOT_FOUND: failure<{ app: string; version: string }>(
    404,
    'user',
    (p) => `"${p.app}" has no release ${p.version}.`,
    'List its releases with `mothership releases`.',
  ),
  ROLLBACK_NOWHERE: failure<{ app: string }>(409, 'user', (p) => `"${p.app}" has no earlier release to roll back to.`),
  ROLLBACK_TO_FAILED: failure<{ app: string; version: string }>(
    409,
    'user',
    (p) => `${p.version} of "${p.app}" never ran, so it cannot be rolled back to.`,
    'Choose a release that succeeded; list them with `mothership releases`.',
  ),
  RELEASE_FAILED: failure<{ app: string; version: string; why: string }>(
    422,
    'app',
    (p) => `Release ${p.version} of "${p.app}" failed: ${p.why}`,
    'The previous release, if any, keeps running. Read its output with `mothership releases:output`.',
  ),
  RELEASE_NOT_FAILED: failure<{ app: string; version: string }>(
    409,
    'user',
    (p) => `The newest release of "${p.app}", ${p.version}, has not failed.`,
    'To start its processes again, run `mothership ps:restart`; for an earlier release, run `mothership rollback`.',
  ),
  SCALE_INCOMPLETE: failure<{ type: string; up: number; wanted: number; why: string }>(
    422,
    'app',
    (p) => `${p.up} of ${p.wanted} ${p.type} processes are up: ${p.why}.`,
    'Swarm keeps trying to start them. Check `mothership ps` and `mothership logs`.',
    ExitCode.partial,
  ),
  /** `lines`: how many log lines of the process were shown. */
  ROLLOUT_TASK_FAILED: failure<{ type: string; why: string; lines: number }>(
    422,
    'app',
    (p) => `The new release failed to start: ${p.type} ${p.why}.`,
    (p) =>
      'The previous release, if any, keeps running. ' +
      (p.lines > 0 ? "The app's last log lines are above." : 'The process wrote nothing to its log.'),
  ),
  ROLLOUT_NEVER_READY: failure<{ type: string; seconds: number; why: string }>(
    422,
    'app',
    (p) => `The new release was not ready within ${p.seconds} s: ${p.type} ${p.why}.`,
    'The previous release, if any, keeps running. A web process must listen on $PORT on all interfaces (0.0.0.0).',
  ),
  ROLLOUT_UNPLACED: failure<{ type: string; why: string }>(
    422,
    'platform',
    (p) => `No node can run ${p.type}: ${p.why}.`,
    'Reduce its size with `mothership ps:type`, or add a node.',
  ),
  ROLLOUT_ROUTERS_SILENT: failure<{ seconds: number; missing: string[] }>(
    503,
    'platform',
    (p) =>
      `The routers did not apply the new routes within ${p.seconds} s ` +
      `(${p.missing.join(', ') || 'no router is connected'}).`,
    'Run `mothership doctor`.',
  ),
  RELEASE_PHASE_FAILED: failure<{ exitCode: number }>(
    422,
    'app',
    (p) => `The release command failed with exit code ${p.exitCode}.`,
    'The previous release, if any, keeps running. If nothing in the app has to change, run ' +
      '`mothership releases:retry`.',
  ),
};
