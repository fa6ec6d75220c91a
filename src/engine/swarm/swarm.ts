import { Secret } from '../../events/index.ts';
import type { Connection } from '../connection/connection.ts';
import type { EngineInfo, JoinOptions } from '../engine.ts';
import { statusOf } from '../connection/refusal.ts';

interface InfoJson {
  readonly Name: string;
  readonly ServerVersion: string;
  readonly KernelVersion: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Warnings?: readonly string[] | null;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly Swarm?: {
    readonly LocalNodeState: string;
    readonly ControlAvailable: boolean;
    readonly NodeID: string;
    readonly NodeAddr: string;
  };
}

interface SwarmJson {
  readonly JoinTokens: { readonly Manager: string; readonly Worker: string };
}

/** Three missed heartbeats make a node "down". Docker's default of 5 s is tuned for thousands of nodes. */
const HEARTBEAT_NS = 2_000_000_000;

/** The engine itself and its Swarm membership. */
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
      slices: info.CgroupDriver === 'systemd' && info.CgroupVersion === '2',
    };
  }

  async init(options: { advertiseAddress: string; listenAddress?: string }): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: '/swarm/init',
      body: {
        ListenAddr: options.listenAddress ?? '0.0.0.0:2377',
        AdvertiseAddr: options.advertiseAddress,
        Spec: { Dispatcher: { HeartbeatPeriod: HEARTBEAT_NS } },
      },
      action: 'start a Swarm',
    });
  }

  async leave(): Promise<void> {
    try {
      await this.#engine.call({
        method: 'POST',
        path: '/swarm/leave',
        query: { force: true },
        action: 'leave its Swarm',
      });
    } catch (error) {
      // 503: not in a Swarm.
      if (statusOf(error) !== 503) throw error;
    }
  }

  async join({ token, managers, advertiseAddress }: JoinOptions): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: '/swarm/join',
      body: { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: advertiseAddress, RemoteAddrs: managers, JoinToken: token },
      action: `join the Swarm at ${managers.join(', ')}`,
    });
  }

  async joinTokens(): Promise<{ manager: Secret; worker: Secret }> {
    const { JoinTokens: tokens } = await this.#engine.call<SwarmJson>({
      path: '/swarm',
      action: 'report how to join its Swarm',
    });
    return { manager: new Secret(tokens.Manager), worker: new Secret(tokens.Worker) };
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
