import type { Event } from '../../src/events/index.ts';
import { findNode, startNode } from '../lab/index.ts';
import { bringUp } from './bring-up.ts';

/**
 * A whole cluster on a private lab node: `npx tsx test/cluster/up.ts NAME [--uncached]`.
 * Run it again after a change: only what changed is built and updated. `npx tsx test/lab/cli.ts down NAME` ends it.
 */
function tell(event: Event): void {
  if (event.type === 'notice') process.stderr.write(`${event.level === 'warning' ? '! ' : ''}${event.message}\n`);
  if (event.type === 'phase' && event.state !== 'started')
    process.stderr.write(`  ${event.phase}: ${event.state} ${event.ms ?? 0} ms ${event.detail ?? ''}\n`);
  if (event.type === 'output' && process.env['VERBOSE']) process.stderr.write(`    ${event.source}| ${event.line}\n`);
}

const [name = 'cluster', ...flags] = process.argv.slice(2);
const runId = `cli-${name}`;
const node = (await findNode(runId, name)) ?? (await startNode({ name, runId, owned: false }));
process.stdout.write(`export NODE_IP=${node.ip}\nexport DOCKER_HOST=${node.dockerHost}\n`);
const cluster = await bringUp(node, { cached: !flags.includes('--uncached'), notify: tell });
process.stderr.write(`${cluster.seconds} s\n`);
process.stdout.write(`export MOTHERSHIP_URL=${cluster.url}\nexport MOTHERSHIP_ADDRESS=${cluster.address}\n`);
if (cluster.token) process.stdout.write(`export MOTHERSHIP_TOKEN=${cluster.token.reveal()}\n`);
