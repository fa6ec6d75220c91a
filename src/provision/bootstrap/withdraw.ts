import { basename, dirname } from 'node:path';
import {
  FIREWALL_REMOVAL,
  FIREWALL_SCRIPT,
  FIREWALL_UNIT,
  hostsBlock,
  HOSTS_FILE,
  SILENCE_FILE,
  SILENCE_NOW,
  SILENCE_RETRIES,
  withHostsBlock,
} from '#nodes';
import type { Machine } from '../machine.ts';
import { DAEMON_JSON, unmergedDaemonJson } from './daemon-json.ts';
import { BEFORE_FILE, parseBefore } from './host-before.ts';
import { applySliceStep, cleaningSteps, observeSlices, removeBuildsSlice } from './slices.ts';

const CERTIFICATES = '/etc/docker/certs.d';

/**
 * Undoes `Bootstrap` on a host, except for installed packages. The engine is not restarted: its settings in
 * daemon.json take effect when it is. Idempotent.
 */
export async function withdraw(machine: Machine): Promise<void> {
  const root = (argv: readonly string[]) => machine.run(machine.asRoot(argv));
  const hosts = (await machine.readFile(HOSTS_FILE)) ?? '';
  const names = new Set(hostsBlock(hosts).map(({ name }) => name));
  const certificates = (await machine.listFolder(CERTIFICATES)).filter((folder) =>
    names.has(folder.replace(/:\d+$/, '')),
  );
  for (const folder of certificates) await root(['rm', '-rf', '--', `${CERTIFICATES}/${folder}`]);
  await root(['rmdir', '--ignore-fail-on-non-empty', '--', CERTIFICATES]);
  const without = withHostsBlock(hosts, []);
  if (without !== hosts) await machine.writeFile(HOSTS_FILE, Buffer.from(without), { mode: 0o644 });
  for (const step of cleaningSteps(await observeSlices(machine))) await applySliceStep(machine, step);
  await removeBuildsSlice(machine);
  await root(['systemctl', 'disable', '--now', '--quiet', basename(FIREWALL_UNIT)]);
  await root(['rm', '-rf', '--', FIREWALL_UNIT, SILENCE_FILE, dirname(FIREWALL_SCRIPT)]);
  await root(['systemctl', 'daemon-reload']);
  await root(['sh', '-c', FIREWALL_REMOVAL]);
  await restoreSettings(machine);
}

/** Of a host prepared by a version that kept no record, the settings stay. */
async function restoreSettings(machine: Machine): Promise<void> {
  const root = (argv: readonly string[]) => machine.run(machine.asRoot(argv));
  const before = parseBefore(await machine.readFile(BEFORE_FILE));
  if (!before) return;
  const daemonJson = unmergedDaemonJson(await machine.readFile(DAEMON_JSON), before.daemonJson);
  if (daemonJson === null) await root(['rm', '-f', '--', DAEMON_JSON]);
  else if (daemonJson !== undefined) await machine.writeFile(DAEMON_JSON, Buffer.from(daemonJson), { mode: 0o644 });
  const isOurs = Number(await machine.readFile(SILENCE_NOW)) === SILENCE_RETRIES;
  if (before.tcpRetries !== null && isOurs)
    await root(['sh', '-c', 'echo "$1" > "$2"', 'sh', String(before.tcpRetries), SILENCE_NOW]);
  await root(['rm', '-rf', '--', dirname(BEFORE_FILE)]);
}
