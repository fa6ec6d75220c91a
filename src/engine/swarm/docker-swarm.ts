import { Secret } from '#events';
import type { Connection } from '../connection/connection.ts';
import { statusOf } from '../connection/refusal.ts';
import type { Swarm } from './swarm.ts';

interface SwarmJson {
  readonly JoinTokens: { readonly Manager: string; readonly Worker: string };
}

/** Three missed heartbeats make a node "down". Docker's default of 5 s is tuned for thousands of nodes. */
const HEARTBEAT_NS = 2_000_000_000;

export class DockerSwarm implements Swarm {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  initSwarm: Swarm['initSwarm'] = async ({ advertiseAddress, listenAddress = '0.0.0.0:2377' }) => {
    await this.#engine.call({
      method: 'POST',
      path: '/swarm/init',
      body: {
        ListenAddr: listenAddress,
        AdvertiseAddr: advertiseAddress,
        Spec: { Dispatcher: { HeartbeatPeriod: HEARTBEAT_NS } },
      },
      action: 'start a Swarm',
    });
  };

  leaveSwarm: Swarm['leaveSwarm'] = async () => {
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
  };

  joinSwarm: Swarm['joinSwarm'] = async ({ token, managers, advertiseAddress }) => {
    await this.#engine.call({
      method: 'POST',
      path: '/swarm/join',
      body: { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: advertiseAddress, RemoteAddrs: managers, JoinToken: token },
      action: `join the Swarm at ${managers.join(', ')}`,
    });
  };

  joinTokens: Swarm['joinTokens'] = async () => {
    const { JoinTokens: tokens } = await this.#engine.call<SwarmJson>({
      path: '/swarm',
      action: 'report how to join its Swarm',
    });
    return { manager: new Secret(tokens.Manager), worker: new Secret(tokens.Worker) };
  };
}
