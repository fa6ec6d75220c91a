import { failure } from '../entry.ts';

export const machines = {
  MACHINE_FILE_FAILED: failure<{ machine: string; path: string; why: string }>(
    502,
    'platform',
    (p) => `${p.path} on ${p.machine} could not be written: ${p.why}.`,
    () => 'Mothership writes as root: log in as root, or give that user sudo without a password.',
  ),
  HOST_UNSUPPORTED: failure<{ machine: string; why: string }>(
    422,
    'user',
    (p) => `${p.machine} cannot be a node: ${p.why}.`,
    () =>
      'Use Debian 12 or newer or Ubuntu 22.04 or newer, or install Docker Engine 20.10 or newer with its client and iptables there, then run the command again.',
  ),
  HOST_DAEMON_JSON: failure<{ machine: string; path: string; why: string }>(
    422,
    'user',
    (p) => `The engine's settings in ${p.path} on ${p.machine} cannot stay as they are: ${p.why}.`,
    () =>
      "Mothership changes nobody's settings: correct the file, restart the engine there, then run the command again.",
  ),
  HOST_PACKAGES: failure<{ machine: string; packages: readonly string[]; why: string }>(
    502,
    'platform',
    (p) => `${p.packages.join(', ')} could not be installed on ${p.machine}: ${p.why}.`,
    () =>
      'Check that the machine reaches its package mirror (`apt-get update` there), then run the command again: it goes on from here.',
  ),
  HOST_FIREWALL: failure<{ machine: string; why: string }>(
    502,
    'platform',
    (p) => `The firewall of ${p.machine} could not be set: ${p.why}.`,
    () =>
      "Its kernel must take rules of iptables. Without them the cluster's own ports would be open to everybody, so nothing was started.",
  ),
  HOST_ENGINE_SILENT: failure<{ machine: string; lines: readonly string[] }>(
    503,
    'platform',
    (p) =>
      `Docker Engine on ${p.machine} does not start. Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}`,
    () => 'Correct what they say, then run the command again: it goes on from here.',
  ),
};
