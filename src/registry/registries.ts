import { names } from '#cluster/names.ts';
import type { Execs, Networks, Nodes, RegistryAuth, Services, TaskInfo } from '#engine';
import { freeBlobs } from './free-blobs.ts';
import { RegistryClient } from './client/client.ts';
import { splitPrefix } from './references.ts';
import type { Registry } from './client/registry.ts';

interface ClusterRegistriesParts {
  readonly engine: Networks & Nodes & Services;
  readonly engineOn: (nodeId: string) => Promise<Execs>;
  readonly prefix: string;
  readonly auth: RegistryAuth;
  /** PEM of the cluster's own authority. */
  readonly ca: Buffer;
}

/** The registries running on managers, reached on the control network. */
export class ClusterRegistries {
  readonly #clients = new Map<string, Registry>();
  #network: string | undefined;

  constructor(private readonly parts: ClusterRegistriesParts) {}

  async running(): Promise<Registry[]> {
    const { engine } = this.parts;
    this.#network ??= (await engine.network(names.controlNetwork))?.id;
    const [nodes, tasks] = await Promise.all([
      engine.nodes(),
      engine.tasks({ service: names.registry, desired: 'running' }),
    ]);
    const alive = new Set(nodes.filter((node) => node.state === 'ready').map((node) => node.id));
    const up = tasks.filter((task) => task.state === 'running' && alive.has(task.nodeId));
    for (const id of this.#clients.keys()) if (!up.some((task) => task.id === id)) this.#clients.delete(id);
    return up.flatMap((task) => this.#client(task) ?? []);
  }

  #client(task: TaskInfo): Registry | undefined {
    const host = task.addresses[this.#network ?? ''];
    if (!host) return undefined;
    const { prefix, auth, ca } = this.parts;
    const { server } = splitPrefix(prefix);
    const port = Number(server.split(':')[1] ?? 443);
    const client =
      this.#clients.get(task.id) ??
      new RegistryClient({ host, port, server, ca, auth, node: task.nodeId, freeBlobs: () => this.#free(task) });
    this.#clients.set(task.id, client);
    return client;
  }

  async #free(task: TaskInfo): Promise<void> {
    await freeBlobs(await this.parts.engineOn(task.nodeId), task.containerId ?? '', this.parts.prefix);
  }
}

/** An external registry such as `ghcr.io/org`. */
export function externalRegistry({
  prefix,
  auth,
  ca,
}: {
  prefix: string;
  auth: RegistryAuth;
  ca: Buffer | undefined;
}): Registry {
  const { server, path } = splitPrefix(prefix);
  const [host = server, port] = server.split(':');
  return new RegistryClient({ host, port: Number(port ?? 443), server, path, auth, ...(ca ? { ca } : {}) });
}
