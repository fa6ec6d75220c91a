import { type Connection } from './connection.ts';
import type { EngineInfo, Labels, NodeInfo } from './engine.ts';
import { statusOf } from './refusal.ts';

interface InfoJson {
  readonly Name: string;
  readonly ServerVersion: string;
  readonly KernelVersion: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Warnings?: readonly string[] | null;
  readonly Swarm?: { readonly LocalNodeState: string; readonly ControlAvailable: boolean; readonly NodeID: string; readonly NodeAddr: string };
}

interface NodeJson {
  readonly ID: string;
  readonly Spec: { readonly Role: NodeInfo['role']; readonly Availability: NodeInfo['availability']; readonly Labels?: Labels | null };
  readonly Description: {
    readonly Hostname: string;
    readonly Resources: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Engine: { readonly EngineVersion: string };
  };
  readonly Status: { readonly State: NodeInfo['state']; readonly Addr?: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Addr?: string };
}

/** The engine itself and its part in a Swarm. */
export class Swarm {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  async info(): Promise<EngineInfo> {
    const info = await this.#engine.call<InfoJson>({ path: '/info', action: 'describe itself' });
    return {
      name: info.Name,
      version: info.ServerVersion,
      apiVersion: await this.#engine.apiVersion(),
      kernel: info.KernelVersion,
      architecture: info.Architecture,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      swarm: swarmState(info.Swarm),
      nodeId: info.Swarm?.NodeID ?? '',
      nodeAddress: info.Swarm?.NodeAddr ?? '',
      warnings: info.Warnings ?? [],
    };
  }

  async init(options: { advertiseAddress: string; listenAddress?: string }): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: '/swarm/init',
      body: { ListenAddr: options.listenAddress ?? '0.0.0.0:2377', AdvertiseAddr: options.advertiseAddress, Spec: {} },
      action: 'start a Swarm',
    });
  }

  async leave(): Promise<void> {
    try {
      await this.#engine.call({ method: 'POST', path: '/swarm/leave', query: { force: true }, action: 'leave its Swarm' });
    } catch (error) {
      // 503: it is in none.
      if (statusOf(error) !== 503) throw error;
    }
  }

  async nodes(): Promise<NodeInfo[]> {
    return (await this.#engine.list<NodeJson>({ path: '/nodes', action: 'list nodes' })).map(nodeInfo);
  }
}

function swarmState(swarm: InfoJson['Swarm']): EngineInfo['swarm'] {
  switch (swarm?.LocalNodeState) {
    case undefined:
    case '':
    case 'inactive':
      return 'inactive';
    case 'active':
      return swarm.ControlAvailable ? 'manager' : 'worker';
    case 'locked':
      return 'locked';
    default:
      return 'error';
  }
}

function nodeInfo(json: NodeJson): NodeInfo {
  return {
    id: json.ID,
    hostname: json.Description.Hostname,
    role: json.Spec.Role,
    availability: json.Spec.Availability,
    state: json.Status.State,
    // A manager that advertises another address than it sees itself with reports 0.0.0.0 here.
    address: json.Status.Addr && json.Status.Addr !== '0.0.0.0' ? json.Status.Addr : (json.ManagerStatus?.Addr ?? '').replace(/:\d+$/, ''),
    leader: json.ManagerStatus?.Leader ?? false,
    labels: json.Spec.Labels ?? {},
    cpus: (json.Description.Resources.NanoCPUs ?? 0) / 1e9,
    memoryBytes: json.Description.Resources.MemoryBytes ?? 0,
    engineVersion: json.Description.Engine.EngineVersion,
  };
}
