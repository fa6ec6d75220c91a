import type { Secret } from '#events';

export interface JoinOptions {
  readonly token: string;
  /** `10.0.0.1:2377`; one reachable manager is enough. */
  readonly managers: readonly string[];
  /** The address at which other nodes reach this one. */
  readonly advertiseAddress: string;
}

/** The engine's membership in a Swarm. */
export interface Swarm {
  /** Unresponsive nodes are detected within about 8 s, instead of Docker's 20. */
  initSwarm(options: { advertiseAddress: string; listenAddress?: string }): Promise<void>;
  /** Resolves when the engine is part of the Swarm. */
  joinSwarm(options: JoinOptions): Promise<void>;
  leaveSwarm(): Promise<void>;
  /** Secrets: anyone who has one can join. */
  joinTokens(): Promise<{ readonly manager: Secret; readonly worker: Secret }>;
}
