import { fail } from '../../errors/index.ts';
import { BUILDS_GROUP, BUILDS_GROUP_LABEL, SLICE } from '../../nodes/index.ts';
import { DAEMON_JSON } from './observe.ts';

const LOGS = { 'log-driver': 'json-file', 'log-opts': { 'max-size': '10m', 'max-file': '3' } };

/**
 * The engine's settings with a limit on logs, where nobody has said anything about logs, and with containers in a slice and builds
 * outside of it, where there are slices and nobody has said anything about control groups; undefined when nothing is to be changed.
 */
export function mergedDaemonJson(machine: string, text: string | undefined, slices: boolean): string | undefined {
  const settings = parsed(machine, text);
  if (settings['live-restore'] === true)
    throw fail('HOST_DAEMON_JSON', {
      machine,
      path: DAEMON_JSON,
      why: 'it sets "live-restore", which does not work with Swarm',
    });
  const said = (...keys: string[]): boolean => keys.some((key) => key in settings);
  const ours = {
    ...(said('log-driver', 'log-opts') ? {} : LOGS),
    // "exec-opts" is where another driver for control groups is chosen, which knows no slices.
    ...(!slices || said('cgroup-parent', 'exec-opts', 'labels')
      ? {}
      : { 'cgroup-parent': SLICE, labels: [`${BUILDS_GROUP_LABEL}=${BUILDS_GROUP}`] }),
  };
  return Object.keys(ours).length === 0 ? undefined : `${JSON.stringify({ ...settings, ...ours }, null, 2)}\n`;
}

function parsed(machine: string, text: string | undefined): Record<string, unknown> {
  if (text === undefined || text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw fail('HOST_DAEMON_JSON', { machine, path: DAEMON_JSON, why: 'it is not a JSON object' });
}
