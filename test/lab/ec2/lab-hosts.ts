import { cleanup, newRunId, startNode, type LabNode, type NodeKind } from '../index.js';
import type { Backend, Host, HostRequest } from './backend.ts';

/** What cloud-init does on Amazon's Debian: the operator's key for `admin`, who may be root without a password. */
const FIRST_BOOT = `set -e
id admin >/dev/null 2>&1 || useradd --create-home --shell /bin/bash admin
key=$(cat)
for home in /home/admin /root; do
  mkdir -p -m 700 $home/.ssh
  printf '%s\\n' "$key" >> $home/.ssh/authorized_keys
  chmod 600 $home/.ssh/authorized_keys
done
chown -R admin: /home/admin/.ssh
if [ -d /etc/sudoers.d ]; then echo 'admin ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-cloud-init-users; fi
getent group docker >/dev/null && usermod -aG docker admin || true
mkdir -p /run/sshd; ssh-keygen -A >/dev/null
ss -Hltn 'sport = :22' | grep -q . || /usr/sbin/sshd`;

export interface LabHostsOptions {
  /** `machine`: systemd and no engine, as a fresh EC2 instance. `node`: an engine that already runs. */
  kind?: NodeKind;
  runId?: string;
  /** False when the hosts must outlive this process. */
  owned?: boolean;
}

/** Instances are containers of the lab; both of an instance's addresses are its container's. */
export class LabHosts implements Backend {
  readonly runId: string;
  readonly #nodes = new Map<string, Promise<LabNode>>();
  /** One boots at a time: all at once they would starve each other past their deadlines. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LabHostsOptions = {}) {
    this.runId = options.runId ?? newRunId();
  }

  async start({ id, publicKey }: HostRequest): Promise<Host> {
    const { kind = 'machine', owned = true } = this.options;
    const starting = this.#turn.then(() => startNode({ name: id, kind, owned, runId: this.runId }));
    this.#turn = starting.catch(() => undefined);
    this.#nodes.set(id, starting);
    const node = await starting;
    const booted = await node.exec(['sh', '-c', FIRST_BOOT], { stdin: publicKey.trim() });
    if (booted.code !== 0) throw new Error(`first boot of ${id}: ${booted.stderr}`);
    return { privateIp: node.ip, publicIp: node.ip };
  }

  async stop(id: string): Promise<void> {
    const node = await this.#nodes.get(id)?.catch(() => undefined);
    this.#nodes.delete(id);
    await node?.stop();
  }

  /** The lab's node behind an instance, to break it. */
  async node(id: string): Promise<LabNode | undefined> {
    return this.#nodes.get(id);
  }

  async cleanup(): Promise<void> {
    await cleanup(this.runId);
  }
}
