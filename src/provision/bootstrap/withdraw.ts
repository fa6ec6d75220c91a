import { dirname } from 'node:path';
import {
  FIREWALL_REMOVAL,
  FIREWALL_SCRIPT,
  FIREWALL_UNIT,
  hostsBlock,
  HOSTS_FILE,
  SILENCE_FILE,
  withHostsBlock,
} from '#nodes';
import type { Machine } from '../machine.ts';
import { removeBuildsSlice } from './slices.ts';

const CERTIFICATES = '/etc/docker/certs.d';

/** Undoes `Bootstrap` on a host, except for the engine and its settings. Idempotent. */
export async function withdraw(machine: Machine): Promise<void> {
  const root = (argv: readonly string[]) => machine.run(machine.asRoot(argv));
  const hosts = (await machine.readFile(HOSTS_FILE)) ?? '';
  const names = new Set(hostsBlock(hosts).map(({ name }) => name));
  const certificates = (await machine.listFolder(CERTIFICATES)).filter((folder) =>
    names.has(folder.replace(/:\d+$/, '')),
  );
  for (const folder of certificates) await root(['rm', '-rf', '--', `${CERTIFICATES}/${folder}`]);
  if (names.size > 0) await machine.writeFile(HOSTS_FILE, Buffer.from(withHostsBlock(hosts, [])), { mode: 0o644 });
  await removeBuildsSlice(machine);
  await root(['systemctl', 'disable', '--quiet', 'mothership-firewall.service']);
  await root(['rm', '-rf', '--', FIREWALL_UNIT, SILENCE_FILE, dirname(FIREWALL_SCRIPT)]);
  await root(['sh', '-c', FIREWALL_REMOVAL]);
}
