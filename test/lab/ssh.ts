import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { must, waitUntil } from './command.js';
import type { LabNode } from './node.js';

/** What an SSH client needs to get into a node as root. */
export interface SshAccess {
  host: string;
  user: string;
  keyFile: string;
}

/** Starts an SSH server in the node and lets a key made for it log in as root. Safe to call once per node. */
export async function startSsh(node: LabNode): Promise<SshAccess> {
  const keyFile = join(node.directory, 'id_ed25519');
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
  const publicKey = await readFile(`${keyFile}.pub`);
  const script = `mkdir -p -m 700 /root/.ssh /run/sshd; cat >> /root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys; ssh-keygen -A; ss -Hltn 'sport = :22' | grep -q . || exec /usr/sbin/sshd`;
  const started = await node.exec(['sh', '-c', script], { stdin: publicKey });
  if (started.code !== 0) throw new Error(`sshd in ${node.name}: ${started.stderr}`);
  const listening = async (): Promise<boolean> =>
    (await node.exec(['ss', '-Hltn', 'sport = :22'])).stdout.includes(':22');
  await waitUntil(`sshd in ${node.name}`, 10_000, listening);
  return { host: node.ip, user: 'root', keyFile };
}
