import { readFile } from 'node:fs/promises';
import { createAgent } from './agent.ts';
import { nodeReport } from './node-report.ts';

const {
  MOTHERSHIP_AGENT_PORT: port = '8443',
  MOTHERSHIP_AGENT_SOCKET: socketPath = '/var/run/docker.sock',
  MOTHERSHIP_AGENT_CERT_FILE: certFile = '/run/secrets/agent-cert',
  MOTHERSHIP_AGENT_KEY_FILE: keyFile = '/run/secrets/agent-key',
  MOTHERSHIP_AGENT_CA_FILE: caFile = '/run/mothership/ca.pem',
} = process.env;

const [cert, key, ca] = await Promise.all([readFile(certFile), readFile(keyFile), readFile(caFile)]);
const agent = createAgent({ cert, key, ca, socketPath, report: nodeReport });
agent.listen(Number(port), () => console.log(`listening on port ${port}`));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
