import { fail } from '../../errors/index.ts';
import { DAEMON_JSON } from './observe.ts';

const LOGS = { 'log-driver': 'json-file', 'log-opts': { 'max-size': '10m', 'max-file': '3' } };

/** The engine's settings with a limit on logs, where nobody has said anything about logs; undefined when nothing is to be changed. */
export function mergedDaemonJson(machine: string, text: string | undefined): string | undefined {
  const settings = parsed(machine, text);
  if (settings['live-restore'] === true) throw fail('HOST_DAEMON_JSON', { machine, path: DAEMON_JSON, why: 'it sets "live-restore", with which an engine cannot be in a Swarm' });
  if ('log-driver' in settings || 'log-opts' in settings) return undefined;
  return `${JSON.stringify({ ...settings, ...LOGS }, null, 2)}\n`;
}

function parsed(machine: string, text: string | undefined): Record<string, unknown> {
  if (text === undefined || text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw fail('HOST_DAEMON_JSON', { machine, path: DAEMON_JSON, why: 'it is no JSON object' });
}
