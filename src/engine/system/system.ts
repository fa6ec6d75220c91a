export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swarm: 'inactive' | 'worker' | 'manager' | 'locked' | 'error';
  readonly nodeId: string;
  readonly nodeAddress: string;
  readonly warnings: readonly string[];
  /** Whether systemd manages its containers in slices: requires cgroup v2 and the systemd driver. */
  readonly slices: boolean;
}

export interface EngineEvent {
  readonly type: 'container' | 'service' | 'config' | 'secret' | 'node' | 'network' | (string & {});
  readonly action: string;
  readonly id: string;
}

/** The engine itself. */
export interface System {
  info(): Promise<EngineInfo>;
  /**
   * The first event is `engine subscribed`: a list taken after it misses nothing. Ends with the signal. Throws
   * ENGINE_UNREACHABLE if the connection is lost.
   */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>;
}
