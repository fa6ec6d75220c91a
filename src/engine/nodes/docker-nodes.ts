import { at, type Connection } from '../connection/connection.ts';
import type { Labels } from '../connection/labels.ts';
import type { NodeInfo, Nodes } from './nodes.ts';

interface NodeJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Role: NodeInfo['role'];
    readonly Availability: NodeInfo['availability'];
    readonly Labels?: Labels | null;
  };
  readonly Description: {
    readonly Hostname: string;
    readonly Resources: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Engine: { readonly EngineVersion: string };
  };
  readonly Status: { readonly State: NodeInfo['state']; readonly Addr?: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: NodeInfo['reachability'];
    readonly Addr?: string;
  };
}

export class DockerNodes implements Nodes {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  nodes: Nodes['nodes'] = async () =>
    (await this.#engine.list<NodeJson>({ path: '/nodes', action: 'list nodes' })).map(nodeInfo);

  /** The whole spec is sent, so it is read at `version` first: the engine rejects the update if it has changed. */
  updateNode: Nodes['updateNode'] = async (id, version, change) => {
    const node = await this.#engine.call<NodeJson>({ path: at`/nodes/${id}`, action: `read node ${id}` });
    await this.#engine.call({
      method: 'POST',
      path: at`/nodes/${node.ID}/update`,
      query: { version },
      body: {
        ...node.Spec,
        ...(change.role ? { Role: change.role } : {}),
        ...(change.availability ? { Availability: change.availability } : {}),
        ...(change.labels ? { Labels: change.labels } : {}),
      },
      action: `change node ${node.Description.Hostname}`,
      what: `node ${node.Description.Hostname}`,
    });
  };

  removeNode: Nodes['removeNode'] = async (id, { force = false } = {}) => {
    await this.#engine.find({
      method: 'DELETE',
      path: at`/nodes/${id}`,
      query: { force },
      action: `remove node ${id}`,
    });
  };
}

function nodeInfo(json: NodeJson): NodeInfo {
  return {
    id: json.ID,
    version: json.Version.Index,
    hostname: json.Description.Hostname,
    role: json.Spec.Role,
    availability: json.Spec.Availability,
    state: json.Status.State,
    // A manager that advertises an address other than the one it detects reports 0.0.0.0 here.
    address:
      json.Status.Addr && json.Status.Addr !== '0.0.0.0'
        ? json.Status.Addr
        : (json.ManagerStatus?.Addr ?? '').replace(/:\d+$/, ''),
    leader: json.ManagerStatus?.Leader ?? false,
    reachability: json.ManagerStatus?.Reachability,
    labels: json.Spec.Labels ?? {},
    cpus: (json.Description.Resources.NanoCPUs ?? 0) / 1e9,
    memoryBytes: json.Description.Resources.MemoryBytes ?? 0,
    engineVersion: json.Description.Engine.EngineVersion,
  };
}
