import { isDeepStrictEqual } from 'node:util';
import { fail } from '#errors';

export const DAEMON_JSON = '/etc/docker/daemon.json';
const LOGS = { 'log-driver': 'json-file', 'log-opts': { 'max-size': '10m', 'max-file': '3' } };
/** Versions up to 0.1 put all containers into a slice, and marked the builds' group with a label. */
const OLD_PARENT = 'mothership.slice';
const OLD_LABEL = /^mothership\.builds-group=/;

/**
 * Adds a limit on log size to the engine's settings unless they configure logs; undefined if nothing changes. Throws
 * HOST_DAEMON_JSON.
 */
export function mergedDaemonJson(machine: string, text: string | undefined): string | undefined {
  const settings = checked(machine, text);
  if ('log-driver' in settings || 'log-opts' in settings) return undefined;
  return written({ ...settings, ...LOGS });
}

/**
 * Takes back what `mergedDaemonJson` added to `before`, whose text returns unless other settings were changed since.
 * Null removes the file; undefined if nothing changes.
 */
export function unmergedDaemonJson(text: string | undefined, before: string | null): string | null | undefined {
  const settings = parsed(text);
  const original = parsed(before ?? undefined);
  if (text === undefined || !settings || !original || 'log-driver' in original || 'log-opts' in original)
    return undefined;
  if (text === written({ ...original, ...LOGS })) return before;
  const { 'log-driver': driver, 'log-opts': options, ...rest } = settings;
  return isDeepStrictEqual({ 'log-driver': driver, 'log-opts': options }, LOGS) ? written(rest) : undefined;
}

/**
 * Returns the engine's settings without what older versions of Mothership added for cgroups; undefined if there is
 * none.
 */
export function withoutOldGroups(text: string | undefined): string | undefined {
  const settings = parsed(text);
  if (settings?.['cgroup-parent'] !== OLD_PARENT) return undefined;
  const { 'cgroup-parent': _parent, labels, ...rest } = settings;
  const kept = Array.isArray(labels) ? labels.filter((label) => !OLD_LABEL.test(String(label))) : labels;
  const isEmpty = kept === undefined || (Array.isArray(kept) && kept.length === 0);
  return written({ ...rest, ...(isEmpty ? {} : { labels: kept }) });
}

function checked(machine: string, text: string | undefined): Record<string, unknown> {
  const refuse = (why: string): never => {
    throw fail('HOST_DAEMON_JSON', { machine, path: DAEMON_JSON, why });
  };
  const settings = parsed(text) ?? refuse('it is not a JSON object');
  if (settings['live-restore'] === true) refuse('it sets "live-restore", which does not work with Swarm');
  return settings;
}

/** Undefined for what is not a JSON object. */
function parsed(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined || text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function written(settings: Record<string, unknown>): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}
