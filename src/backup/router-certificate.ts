import { KIND } from '#labels.ts';
import type { BackupPorts } from './ports.ts';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { CertificateBackup } from './contents.ts';
import { certificateNames } from '#cluster/setup/cluster-spec.ts';
import { labelsOf, names } from '#cluster/names.ts';
import { type Execs, runInContainer, type TaskInfo } from '#engine';

const FILES = { cert: '/run/secrets/tls-cert', key: '/run/secrets/tls-key' } as const;
type Part = keyof typeof FILES;

export type CertificateOutcome = 'restored' | 'same' | 'none' | 'other-domain';

/**
 * The routers' certificate. Swarm only gives secrets to tasks, so it is read inside a router: no other task needs the
 * key, and it is never written to a disk or log.
 */
export class RouterCertificate {
  constructor(private readonly parts: BackupPorts) {}

  /** Returns null if no router is running. */
  async read(): Promise<CertificateBackup | null> {
    const { engine, engines, cluster } = this.parts;
    const tasks = await engine.tasks({ service: names.router, desired: 'running' });
    const router = tasks.find((task) => task.state === 'running' && task.containerId);
    if (!router) return null;
    const there = await engines.on(router.nodeId);
    const [cert, key] = await Promise.all([readFile(there, router, 'cert'), readFile(there, router, 'key')]);
    return cert && key ? { domain: cluster.domain, cert, key } : null;
  }

  /** Replaces the routers' certificate and key, which restarts them, under the names that setup uses. */
  async restore(wanted: CertificateBackup): Promise<CertificateOutcome> {
    const held = await this.read();
    if (held?.cert === wanted.cert && held.key === wanted.key) return 'same';
    const { engine } = this.parts;
    const lasting = certificateNames(wanted.domain);
    // A secret in use can be neither changed nor removed: routers use copies while the permanent ones are recreated.
    const copies = { cert: `${lasting.cert}-${digest(wanted.cert)}`, key: `${lasting.key}-${digest(wanted.key)}` };
    await this.#mount(copies, wanted);
    for (const name of Object.values(lasting)) await engine.removeSecret(name);
    await this.#mount(lasting, wanted);
    for (const name of Object.values(copies)) await engine.removeSecret(name);
    return 'restored';
  }

  async #mount(pair: Record<Part, string>, content: CertificateBackup): Promise<void> {
    const { engine, cluster } = this.parts;
    const known = new Map((await engine.secrets({})).map(({ name, id }) => [name, id]));
    const refs: Record<string, { id: string; name: string }> = {};
    for (const part of ['cert', 'key'] as const) {
      const name = pair[part];
      const id =
        known.get(name) ??
        (await engine.createSecret({
          name,
          labels: labelsOf(cluster.name, KIND.secret),
          data: Buffer.from(content[part]),
        }));
      refs[FILES[part]] = { id, name };
    }
    await engine.replaceServiceSecrets(names.router, refs);
  }
}

async function readFile(engine: Execs, task: TaskInfo, part: Part): Promise<string | undefined> {
  const { exitCode, stdout } = await runInContainer(engine, task.containerId!, {
    command: ['cat', FILES[part]],
    read: buffer,
  });
  return exitCode === 0 ? stdout.toString('utf8') : undefined;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}
