import { isIPv4, isIPv6 } from 'node:net';

/** Where a node keeps the script, so that it runs again after a reboot. */
export const FIREWALL_SCRIPT = '/etc/mothership/firewall.sh';
export const FIREWALL_UNIT = '/etc/systemd/system/mothership-firewall.service';

/** Runs the script at boot, before the engine starts containers. */
export const FIREWALL_UNIT_TEXT = `[Unit]
Description=Restrict the cluster's internal ports to its nodes (Mothership)
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${FIREWALL_SCRIPT}

[Install]
WantedBy=multi-user.target
`;

/** Name of the build network's bridge, for rules that hold before the network exists. */
export const BUILD_BRIDGE = 'ms-builds';

/** Bridges that the platform's containers send through: Swarm's, the builds', and the engine's default one. */
const BRIDGES = ['docker_gwbridge', BUILD_BRIDGE, 'docker0'];

/** Swarm's management, gossip and overlay traffic. */
const SWARM_PORTS = [
  ['tcp', 2377],
  ['tcp', 7946],
  ['udp', 7946],
  ['udp', 4789],
] as const;
const REGISTRY_PORT = 5000;
/** Where engines listen if an administrator exposed them over TCP. */
const ENGINE_PORTS = [2375, 2376];

/**
 * Metadata services of clouds, which return the machine's credentials to any caller. Amazon, Azure and Google answer
 * DNS at such addresses too, so port 53 stays open.
 */
const METADATA = { v4: ['169.254.0.0/16', '168.63.129.16', '100.100.100.200'], v6: ['fd00:ec2::254'] };

/**
 * A `sh` script, run as root, that opens the cluster's ports only to `peers` (addresses of all nodes) and the machine
 * itself; the registry's among them if there is one. Containers reach neither these ports nor SSH of any node, nor the
 * cloud's metadata services. Idempotent, also with other peers: chains
 * are replaced atomically. Rules are in the table "mangle": before published ports are translated and before
 * containers' addresses are masqueraded as their node's, and separate from the chains of Docker and other firewalls.
 */
export function firewallScript(peers: readonly string[], { registry = true } = {}): string {
  return [
    '#!/bin/sh',
    '# Written by Mothership; changes are overwritten.',
    'set -eu',
    'PATH=$PATH:/usr/sbin:/sbin',
    // Containers and the host must use the same backend; nft is preferred where both exist.
    'tool() { for each in "$1-nft" "$1" "$1-legacy"; do "$each" -w 10 -t mangle -S >/dev/null ' +
      '2>&1 && { echo "$each"; return; }; done; return 1; }',
    'hook() { "$1" -w 10 -t mangle -C "$2" -j "$3" 2>/dev/null || "$1" -w 10 -t mangle -I "$2" -j "$3"; }',
    // Relative, because a container sees the node's /etc elsewhere.
    'ssh=$(cat "$(dirname "$0")"/../ssh/sshd_config "$(dirname "$0")"/../ssh/sshd_config.d/*.conf 2>/dev/null |',
    `  awk 'tolower($1) == "port" && $2 ~ /^[0-9]+$/ { print $2 }' | sort -un | head -n 8 | tr '\\n' ',')`,
    'v4=$(tool iptables) || { echo "iptables does not work on this machine" >&2; exit 1; }',
    '"$v4-restore" --noflush <<RULES',
    rules({ peers: peers.filter((peer) => isIPv4(peer)), registry, metadata: METADATA.v4 }),
    'RULES',
    'hook "$v4" PREROUTING MOTHERSHIP',
    'hook "$v4" FORWARD MOTHERSHIP-FORWARD',
    'if v6=$(tool ip6tables); then',
    '"$v6-restore" --noflush <<RULES',
    rules({ peers: peers.filter((peer) => isIPv6(peer)), registry, metadata: METADATA.v6 }),
    'RULES',
    'hook "$v6" PREROUTING MOTHERSHIP',
    'hook "$v6" FORWARD MOTHERSHIP-FORWARD',
    'fi',
    '',
  ].join('\n');
}

/** Undoes `firewallScript`; also a `sh` script. */
export const FIREWALL_REMOVAL = [
  'for tool in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do',
  '  for pair in "PREROUTING MOTHERSHIP" "FORWARD MOTHERSHIP-FORWARD"; do',
  '    set -- $pair',
  '    while "$tool" -w 10 -t mangle -D "$1" -j "$2" 2>/dev/null; do :; done',
  '    "$tool" -w 10 -t mangle -F "$2" 2>/dev/null && "$tool" -w 10 -t mangle -X "$2" 2>/dev/null',
  '  done',
  '  "$tool" -w 10 -t mangle -F MOTHERSHIP-CONTAINERS 2>/dev/null &&',
  '    "$tool" -w 10 -t mangle -X MOTHERSHIP-CONTAINERS 2>/dev/null',
  'done',
  'exit 0',
  '',
].join('\n');

interface Rules {
  readonly peers: readonly string[];
  readonly registry: boolean;
  readonly metadata: readonly string[];
}

function rules(needs: Rules): string {
  return [
    '*mangle',
    // Naming a chain empties it in the same transaction that fills it.
    ':MOTHERSHIP - [0:0]',
    ':MOTHERSHIP-CONTAINERS - [0:0]',
    ':MOTHERSHIP-FORWARD - [0:0]',
    ...arriving(needs),
    ...fromContainers(needs),
    ...forwarded(needs),
    'COMMIT',
  ].join('\n');
}

const sorted = (peers: readonly string[]): string[] => [...new Set(peers)].sort();
const TO_THIS_NODE = '-m addrtype --dst-type LOCAL';

function arriving({ peers, registry }: Rules): string[] {
  return [
    '-i lo -j RETURN',
    // First, because a build step may forge a node's address.
    ...BRIDGES.map((bridge) => `-i ${bridge} -j MOTHERSHIP-CONTAINERS`),
    ...sorted(peers).map((peer) => `-s ${peer} -j RETURN`),
    // Traffic routed to the same port of another machine is not affected.
    ...[...SWARM_PORTS, ...(registry ? [['tcp', REGISTRY_PORT] as const] : [])].map(
      ([protocol, port]) => `-p ${protocol} --dport ${port} ${TO_THIS_NODE} -j DROP`,
    ),
  ].map((rule) => `-A MOTHERSHIP ${rule}`);
}

/** On its way to this node or another one; to anywhere else, SSH and the registry's port are no concern of ours. */
function fromContainers({ peers, registry, metadata }: Rules): string[] {
  const of = (wanted: 'tcp' | 'udp'): number[] =>
    SWARM_PORTS.flatMap(([protocol, port]) => (protocol === wanted ? [port] : []));
  // The shell inserts ports of sshd, each followed by a comma.
  const tcp = `\${ssh}${[22, ...of('tcp'), ...ENGINE_PORTS, ...(registry ? [REGISTRY_PORT] : [])].join(',')}`;
  return [
    ...metadataRules(metadata),
    ...[TO_THIS_NODE, ...sorted(peers).map((peer) => `-d ${peer}`)].flatMap((where) => [
      `-p tcp -m multiport --dports ${tcp} ${where} -j DROP`,
      `-p udp -m multiport --dports ${of('udp').join(',')} ${where} -j DROP`,
    ]),
  ].map((rule) => `-A MOTHERSHIP-CONTAINERS ${rule}`);
}

/** Nodes may have addresses that Swarm does not know, so these ports are closed wherever they lead. */
function forwarded({ metadata }: Rules): string[] {
  return [
    ...metadataRules(metadata),
    ...['docker_gwbridge', BUILD_BRIDGE].flatMap((bridge) =>
      SWARM_PORTS.map(([protocol, port]) => `-i ${bridge} -p ${protocol} --dport ${port} -j DROP`),
    ),
  ].map((rule) => `-A MOTHERSHIP-FORWARD ${rule}`);
}

function metadataRules(metadata: readonly string[]): string[] {
  return metadata.flatMap((address) => [
    ...['udp', 'tcp'].map((protocol) => `-d ${address} -p ${protocol} --dport 53 -j RETURN`),
    `-d ${address} -j DROP`,
  ]);
}
