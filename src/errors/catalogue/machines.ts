import { failure } from '../entry.ts';

export const machines = {
  MACHINE_FILE_FAILED: failure<{ machine: string; path: string; why: string }>(
    502,
    'platform',
    (p) => `Cannot write ${p.path} on ${p.machine}: ${p.why}.`,
    'Mothership needs root: log in as root, or allow the user to run sudo without a password.',
  ),
  HOST_UNSUPPORTED: failure<{ machine: string; why: string }>(
    422,
    'user',
    (p) => `${p.machine} cannot be used as a node: ${p.why}.`,
    'Use Debian 12 or newer or Ubuntu 22.04 or newer, or install Docker Engine 20.10 or newer ' +
      'with its client and iptables. Then run the command again.',
  ),
  HOST_DAEMON_JSON: failure<{ machine: string; path: string; why: string }>(
    422,
    'user',
    (p) => `The engine settings in ${p.path} on ${p.machine} are incompatible: ${p.why}.`,
    'Mothership does not change existing settings: edit the file, restart Docker Engine ' +
      'there, then run the command again.',
  ),
  HOST_PACKAGES: failure<{ machine: string; packages: readonly string[]; why: string }>(
    502,
    'platform',
    (p) => `Failed to install ${p.packages.join(', ')} on ${p.machine}: ${p.why}.`,
    'Check that the machine can reach its package mirror (run `apt-get update` there), then ' +
      'run the command again; it continues from here.',
  ),
  HOST_FIREWALL: failure<{ machine: string; why: string }>(
    502,
    'platform',
    (p) => `Failed to configure the firewall on ${p.machine}: ${p.why}.`,
    "The kernel must support iptables. Without firewall rules the cluster's internal ports " +
      'would be open to everyone, so nothing was started.',
  ),
  HOST_ENGINE_SILENT: failure<{ machine: string; lines: readonly string[] }>(
    503,
    'platform',
    (p) =>
      `Docker Engine on ${p.machine} failed to start. Its last ` +
      `lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}`,
    'Fix the problem, then run the command again; it continues from here.',
  ),
};
