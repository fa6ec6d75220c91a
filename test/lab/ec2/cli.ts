import { parseArgs } from 'node:util';
import { cleanup } from '../cleanup.js';
import { NoHosts } from './backend.ts';
import { Ec2Endpoint } from './endpoint.ts';
import { LabHosts } from './lab-hosts.ts';

const USAGE = `EC2 on loopback, until it is interrupted; then its hosts are removed.
  npx tsx test/lab/ec2/cli.ts [--hosts machine|node|none] [--port N] [--region NAME]
It prints what the SDK reads: eval it, or copy the lines into another shell.`;

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: 'machine' },
    port: { type: 'string', default: '0' },
    region: { type: 'string', default: 'eu-central-1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || !['machine', 'node', 'none'].includes(values.hosts)) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const hosts = values.hosts === 'none' ? undefined : new LabHosts({ kind: values.hosts as 'machine' | 'node' });
  const endpoint = await Ec2Endpoint.start({
    backend: hosts ?? new NoHosts(),
    region: values.region,
    port: Number(values.port),
  });
  for (const [name, value] of Object.entries(endpoint.env)) process.stdout.write(`export ${name}=${value}\n`);
  const stop = async (): Promise<void> => {
    await endpoint.close();
    if (hosts) await cleanup(hosts.runId);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}
