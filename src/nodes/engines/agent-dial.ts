import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { AGENT_PORT, trust } from '#cluster/names.ts';

/** The controller's client certificate for agents, and the CA that signed theirs: PEM. */
export interface AgentIdentity {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export type AgentDial = (address: string) => Promise<Duplex>;

const CONNECT_MS = 3_000;
/** A node that vanished silently is detected after about twice this time. */
const KEEP_ALIVE_MS = 5_000;

/** Connects to agents on the control network. Rejects within three seconds if there is no response. */
export function agentDial(identity: AgentIdentity, port = AGENT_PORT): AgentDial {
  return async (host) => {
    const socket = connect({ ...identity, host, port, servername: trust.agentHost, minVersion: 'TLSv1.3' });
    try {
      await once(socket, 'secureConnect', { signal: AbortSignal.timeout(CONNECT_MS) });
    } catch (error) {
      socket.on('error', () => undefined).destroy();
      throw error;
    }
    socket.setNoDelay(true);
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
}
