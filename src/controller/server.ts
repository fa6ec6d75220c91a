import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { DockerEngine } from '../engine/index.ts';
import { Secret, systemClock } from '../events/index.ts';
import { agentDial, type AgentIdentity } from '../platform/agent-dial.ts';
import { createPlatform } from '../platform/create.ts';
import { AgentEngines } from '../platform/node-engines.ts';
import { buildController } from './app.ts';
import { serve } from './serve.ts';

declare const BUILT_VERSION: string | undefined;

const {
  MOTHERSHIP_PORT: port = '8000', MOTHERSHIP_SOCKET: socketPath = '/var/run/docker.sock', MOTHERSHIP_DATA: dataDir = '/data',
  MOTHERSHIP_ROUTER_TOKEN_FILE: tokenFile = '/run/secrets/router-token', MOTHERSHIP_LOG_LEVEL: level = 'info',
  MOTHERSHIP_CA_FILE: caFile = '/run/mothership/ca.pem', MOTHERSHIP_CONTROLLER_CERT_FILE: certFile = '/run/secrets/controller-cert',
  MOTHERSHIP_CONTROLLER_KEY_FILE: keyFile = '/run/secrets/controller-key',
} = process.env;
const version = typeof BUILT_VERSION === 'undefined' ? '0.0.0' : BUILT_VERSION;
const clock = systemClock;
const logger = pino({ level, redact: ['authorization', '*.authorization', '*.headers.authorization'] });

/** What a cluster of many nodes gives its controller; one of one node has no agents. */
async function agentIdentity(): Promise<AgentIdentity | undefined> {
  if (!existsSync(certFile)) return undefined;
  const [ca, cert, key] = await Promise.all([readFile(caFile), readFile(certFile), readFile(keyFile)]);
  return { ca, cert, key };
}

try {
  const routerToken = new Secret((await readFile(tokenFile, 'utf8')).trim());
  const platform = await createPlatform({ engine: new DockerEngine({ socketPath }), dataDir, clock, logger, version, routerToken });
  await serve({ app: buildController({ platform, version, logger, clock }), platform, port: Number(port), process, logger });
} catch (error) {
  logger.fatal({ err: error }, 'the controller could not start');
  process.exit(1);
}
