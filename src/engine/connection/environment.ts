import { fail } from '#errors';
import type { EngineAddress } from './connection.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';
const DEFAULT_PORT = 2375;

/** The address in DOCKER_HOST (`unix://path`, `tcp://host:port`), or the default socket. Throws ENGINE_UNREACHABLE. */
export function engineAddress(dockerHost: string | undefined): EngineAddress {
  if (!dockerHost) return { socketPath: DEFAULT_SOCKET };
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) || DEFAULT_SOCKET };
  const url = URL.canParse(dockerHost) ? new URL(dockerHost) : undefined;
  if (url?.protocol !== 'tcp:' || !url.hostname) {
    throw fail('ENGINE_UNREACHABLE', { where: dockerHost, why: 'DOCKER_HOST must be unix://path or tcp://host:port' });
  }
  return { host: url.hostname, port: Number(url.port || DEFAULT_PORT) };
}
