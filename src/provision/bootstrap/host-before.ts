/**
 * Settings of a host as they were before Mothership changed them, so that destroying the cluster restores them. Hosts
 * prepared by versions up to 0.1 have no such file.
 */
export const BEFORE_FILE = '/var/lib/mothership/before.json';

export interface HostBefore {
  /** Text of the engine's settings; null if there was no file. */
  readonly daemonJson: string | null;
  /** The kernel's value; null if unknown. */
  readonly tcpRetries: number | null;
}

export function writtenBefore(before: HostBefore): string {
  return `${JSON.stringify(before, null, 2)}\n`;
}

/** Undefined for a missing or damaged file. */
export function parseBefore(text: string | undefined): HostBefore | undefined {
  try {
    const { daemonJson, tcpRetries } = JSON.parse(text ?? '') as Partial<HostBefore>;
    return {
      daemonJson: typeof daemonJson === 'string' ? daemonJson : null,
      tcpRetries: typeof tcpRetries === 'number' ? tcpRetries : null,
    };
  } catch {
    return undefined;
  }
}
