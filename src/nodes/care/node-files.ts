import { basename, dirname, join } from 'node:path';
import type { Containers, System } from '#engine';
import { FIREWALL_REMOVAL, FIREWALL_SCRIPT, FIREWALL_UNIT, FIREWALL_UNIT_TEXT, firewallScript } from './firewall.ts';
import { HOSTS_FILE, withHostsBlock, type HostsEntry } from './hosts-block.ts';
import { runOnNode, type NodeJob } from './node-job.ts';

/** What a node should know about the others. */
export interface WantedNode {
  /** Whether managers run registries. */
  readonly registry: boolean;
  readonly peers: readonly string[];
  /** Former peers. An address in its rules that is neither here nor a peer belongs to a machine about to join. */
  readonly gone: readonly string[];
  /** Undefined: keeps its current names. */
  readonly hosts: readonly HostsEntry[] | undefined;
}

const BETWEEN = '--- mothership: next file';
const READ = 'cat "/node$1" 2>/dev/null || true; echo; echo "$3"; cat "/node$2" 2>/dev/null || true';
/** A hosts file may be a mount that cannot be replaced, so it is written in place. */
const WRITE = `set -eu
if [ -n "$2" ]; then printf %s "$2" | base64 -d > /tmp/hosts; cat /tmp/hosts > "/node$1"; fi
mkdir -p "$(dirname "/node$3")"
printf %s "$4" | base64 -d > "/node$3.new"
chmod 755 "/node$3.new"
mv "/node$3.new" "/node$3"
if [ -d "/node$(dirname "$5")" ]; then
  printf %s "$6" | base64 -d > "/node$5"
  mkdir -p "/node$(dirname "$7")"
  ln -sf "$5" "/node$7"
fi
exec sh "/node$3"
`;
const REMOVE = `rm -rf -- "/node$1" "/node$2" "/node$3"
${FIREWALL_REMOVAL}`;
const REMOVAL_MS = 60_000;

/** Writes the node's firewall and hosts file, and applies the firewall. Throws NODE_JOB_FAILED. */
export async function writeNodeFiles(
  engine: Containers & System,
  cluster: string,
  wanted: WantedNode,
  signal: AbortSignal,
): Promise<void> {
  const found = await runOnNode(engine, job(cluster, READ, HOSTS_FILE, FIREWALL_SCRIPT, BETWEEN), signal);
  const [hosts = '', script = ''] = found.split(`\n${BETWEEN}\n`);
  const block = wanted.hosts ? withHostsBlock(hosts, wanted.hosts) : hosts;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const rules = firewallScript([...wanted.peers, ...expected(script, wanted)], wanted);
  const files = [block === hosts ? '' : base64(block), FIREWALL_SCRIPT, base64(rules)];
  const unit = [FIREWALL_UNIT, base64(FIREWALL_UNIT_TEXT), enabled(FIREWALL_UNIT)];
  await runOnNode(engine, job(cluster, WRITE, HOSTS_FILE, ...files, ...unit), signal);
}

/** Removes the node's firewall. `image`: the controller's, which may no longer be running. Throws NODE_JOB_FAILED. */
export async function removeFirewall(
  engine: Containers & System,
  { cluster, image }: { readonly cluster: string; readonly image: string },
): Promise<void> {
  const files = [dirname(FIREWALL_SCRIPT), FIREWALL_UNIT, enabled(FIREWALL_UNIT)];
  const removal = { ...job(cluster, REMOVE, ...files), image };
  await runOnNode(engine, removal, AbortSignal.timeout(REMOVAL_MS));
}

function job(cluster: string, script: string, ...args: readonly string[]): NodeJob {
  return {
    name: 'mothership-node-care',
    cluster,
    network: 'host',
    capabilities: ['NET_ADMIN', 'NET_RAW', 'DAC_OVERRIDE'],
    mounts: [{ type: 'bind', source: '/etc', target: '/node/etc' }],
    command: ['sh', '-c', script, 'care', ...args],
  };
}

/** The link by which systemd starts a unit at boot. */
function enabled(unit: string): string {
  return join(dirname(unit), 'multi-user.target.wants', basename(unit));
}

/** Addresses allowed by setup that are not nodes yet: without them, those machines could not join. */
function expected(script: string, { peers, gone }: WantedNode): string[] {
  const known = [...script.matchAll(/^-A MOTHERSHIP -s (\S+) -j RETURN$/gm)].map(([, address]) => address!);
  return known.filter((address) => !peers.includes(address) && !gone.includes(address));
}
