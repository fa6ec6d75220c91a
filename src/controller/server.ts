import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { dockerEngine } from '#engine';
import { Secret, systemClock } from '#events';
import { agentDial, type AgentIdentity } from '#nodes/engines/agent-dial.ts';
import { createPlatform } from '#platform/create.ts';
import { AgentEngines } from '#nodes/engines/node-engines.ts';
import { buildController } from './app.ts';
import { serve } from './serve.ts';

declare const BUILT_VERSION: string | undefined;

const {
  MOTHERSHIP_PORT: port = '8000',
  MOTHERSHIP_SOCKET: socketPath = '/var/run/docker.sock',
  MOTHERSHIP_DATA: dataDir = '/data',
  MOTHERSHIP_ROUTER_TOKEN_FILE: tokenFile = '/run/secrets/router-token',
  MOTHERSHIP_API_CERT_FILE: apiCertFile = '/run/mothership/api-cert.pem',
  MOTHERSHIP_API_KEY_FILE: apiKeyFile = '/run/secrets/api-key',
  MOTHERSHIP_LOG_LEVEL: level = 'info',
  MOTHERSHIP_CONTROLLER_CERT_FILE: certFile = '/run/secrets/controller-cert',
  MOTHERSHIP_CONTROLLER_KEY_FILE: keyFile = '/run/secrets/controller-key',
  MOTHERSHIP_REGISTRY_PASSWORD_FILE: passwordFile = '/run/secrets/registry-password',
  MOTHERSHIP_CA_FILE: caFile = '/run/mothership/ca.pem',
} = process.env;
const version = typeof BUILT_VERSION === 'undefined' ? '0.0.0' : BUILT_VERSION;
const clock = systemClock;
const logger = pino({ level, redact: ['authorization', '*.authorization', '*.headers.authorization'] });

/** Missing outside a cluster, in development. */
async function agentIdentity(): Promise<AgentIdentity | undefined> {
  if (!existsSync(certFile)) return undefined;
  const [ca, cert, key] = await Promise.all([readFile(caFile), readFile(certFile), readFile(keyFile)]);
  return { ca, cert, key };
}

try {
  const routerToken = new Secret((await readFile(tokenFile, 'utf8')).trim());
  const tls = { cert: await readFile(apiCertFile), key: await readFile(apiKeyFile) };
  // Multi-node clusters only.
  const [password, ca] = await Promise.all([passwordFile, caFile].map((path) => readFile(path).catch(() => undefined)));
  const registry = password
    ? { password: new Secret(password.toString('utf8').trim()), ...(ca ? { ca } : {}) }
    : undefined;
  const engine = dockerEngine({ socketPath });
  const identity = await agentIdentity();
  const engines = identity && new AgentEngines({ local: engine, dial: agentDial(identity), clock });
  const platform = await createPlatform({
    engine,
    ...(engines ? { engines } : {}),
    dataDir,
    clock,
    logger,
    version,
    routerToken,
    hostName: hostname(),
    sourceWorker: new URL('./source-worker.js', import.meta.url),
    box: fileURLToPath(new URL('./dockerfile-box/', import.meta.url)),
    ...(registry ? { registry } : {}),
  });
  await serve({
    app: buildController({ platform, version, logger, clock, tls }),
    platform,
    port: Number(port),
    process,
    logger,
  });
} catch (error) {
  logger.fatal({ err: error }, 'the controller could not start');
  process.exit(1);
}
