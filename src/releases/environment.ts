import { Secret, type Env } from '#events';
import type { ReleaseRecord } from '#store';
import { BUILD_SSH_KEY } from '#values/build-ssh-key.ts';
import { readSetting, settingRanges } from '#values/setting-ranges.ts';

/** The port for apps that do not specify one. */
const DEFAULT_PORT = 8080;

/**
 * Returns the port a release's web process must bind: its config var, else the image's only exposed port, else 8080.
 */
export function webPort(release: Pick<ReleaseRecord, 'config' | 'kind'>, exposed: readonly number[] = []): number {
  const chosen = readSetting('PORT', release.config['PORT']);
  if (chosen !== undefined) return chosen;
  return release.kind !== 'buildpacks' && exposed.length === 1 ? exposed[0]! : DEFAULT_PORT;
}

interface ProcessIdentity {
  readonly appName: string;
  /** `web.{{.Task.Slot}}` for a service, `run.1234` for a one-off. */
  readonly dyno: string;
  readonly port: number;
}

/** Returns the environment of one process: config vars other than those for builds, then the platform's variables. */
export function releaseEnvironment(
  release: ReleaseRecord,
  identity: ProcessIdentity,
  escape: (value: string) => string,
): Env {
  const { [BUILD_SSH_KEY]: _, ...vars } = release.config;
  const config = Object.entries(vars).map(([key, value]): [string, Secret] => [key, new Secret(escape(value))]);
  return {
    ...Object.fromEntries(config),
    PORT: String(identity.port),
    DYNO: identity.dyno,
    PS: identity.dyno,
    MOTHERSHIP_APP: identity.appName,
    MOTHERSHIP_RELEASE: `v${release.version}`,
  };
}

/** Swarm expands `{{…}}` in a service's environment; users' braces must be preserved. */
export function escapeTemplate(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}');
}

/** Timeouts of a release from its config vars, within bounds. */
export function releaseTimes(release: Pick<ReleaseRecord, 'config'>): {
  bootMs: number;
  drainMs: number;
  stopMs: number;
} {
  const seconds = (key: keyof typeof settingRanges, fallback: number): number => {
    const given = Number(release.config[key]);
    return Math.min(given > 0 ? given : fallback, settingRanges[key].most) * 1000;
  };
  return {
    // Heroku's limits: 60 s to bind the port (R10), 30 s to shut down.
    bootMs: seconds('MOTHERSHIP_BOOT_TIMEOUT', 60),
    drainMs: seconds('MOTHERSHIP_DRAIN_TIMEOUT', 30),
    stopMs: seconds('MOTHERSHIP_STOP_TIMEOUT', 30),
  };
}
