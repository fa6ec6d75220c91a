import { readFile } from 'node:fs/promises';
import { systemClock } from '#events';
import { createAgent } from './agent.ts';
import { Isolation } from './isolation.ts';
import { localHubs } from './local-hubs.ts';
import { nodeReport } from './node-report.ts';
import { overlayNamespace, releaseOthers } from './overlay-namespace.ts';

const {
  MOTHERSHIP_AGENT_PORT: port = '8443',
  MOTHERSHIP_AGENT_SOCKET: socketPath = '/var/run/docker.sock',
  MOTHERSHIP_AGENT_CERT_FILE: certFile = '/run/secrets/agent-cert',
  MOTHERSHIP_AGENT_KEY_FILE: keyFile = '/run/secrets/agent-key',
  MOTHERSHIP_AGENT_CA_FILE: caFile = '/run/mothership/ca.pem',
  /** Id of the network that routers share with web processes. */
  MOTHERSHIP_AGENT_PROXY_NETWORK: network = '',
  MOTHERSHIP_AGENT_NAMESPACES: folder = '/run/docker/netns',
} = process.env;

const [cert, key, ca] = await Promise.all([readFile(certFile), readFile(keyFile), readFile(caFile)]);
await releaseOthers(folder, network).catch(() => undefined);
const isolation = new Isolation({
  clock: systemClock,
  hubs: () => localHubs(socketPath, network),
  namespace: overlayNamespace(folder, network),
  changed: ({ enforced, why }) =>
    console.log(enforced ? 'web processes are isolated' : `web processes are NOT isolated: ${why}`),
});
const report = async () => ({ ...(await nodeReport()), isolation: isolation.state });
const agent = createAgent({ cert, key, ca, socketPath, report });
agent.listen(Number(port), () => console.log(`listening on port ${port}`));
void isolation.keep(new AbortController().signal);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
