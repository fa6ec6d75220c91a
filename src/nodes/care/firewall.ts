import { isIPv4, isIPv6 } from 'node:net';

/** Where a node keeps the script, so that it runs again after a reboot. */
export const FIREWALL_SCRIPT = '/etc/mothership/firewall.sh';

/** Swarm's management, gossip and overlay traffic, and the registry. */
const PORTS = [
  ['tcp', 2377],
  ['tcp', 7946],
  ['udp', 7946],
  ['udp', 4789],
  ['tcp', 5000],
] as const;

/** Cloud metadata service, which returns the machine's credentials to any caller. */
const METADATA = '169.254.169.254';

/**
 * A `sh` script, run as root, that opens the cluster's ports only to `peers` (addresses of all nodes) and the machine
 * itself, and blocks the cloud's metadata service for containers. Idempotent, also with other peers: chains are
 * replaced atomically. Rules are in the table "mangle", before published ports are translated, and separate from the
 * chains of Docker and other firewalls.
 */
export function firewallScript(peers: readonly string[]): string {
  return [
    '#!/bin/sh',
    '# Written by Mothership; changes are overwritten.',
    'set -eu',
    'PATH=$PATH:/usr/sbin:/sbin',
    // Containers and the host must use the same backend; nft is preferred where both exist.
    'tool() { for each in "$1-nft" "$1" "$1-legacy"; do "$each" -w 10 -t mangle -S >/dev/null ' +
      '2>&1 && { echo "$each"; return; }; done; return 1; }',
    'hook() { "$1" -w 10 -t mangle -C "$2" -j "$3" 2>/dev/null || "$1" -w 10 -t mangle -I "$2" -j "$3"; }',
    'v4=$(tool iptables) || { echo "iptables does not work on this machine" >&2; exit 1; }',
    '"$v4-restore" --noflush <<RULES',
    rules(
      peers.filter((peer) => isIPv4(peer)),
      [`-A MOTHERSHIP-FORWARD -d ${METADATA} -j DROP`],
    ),
    'RULES',
    'hook "$v4" PREROUTING MOTHERSHIP',
    'hook "$v4" FORWARD MOTHERSHIP-FORWARD',
    'if v6=$(tool ip6tables); then',
    '"$v6-restore" --noflush <<RULES',
    rules(
      peers.filter((peer) => isIPv6(peer)),
      [],
    ),
    'RULES',
    'hook "$v6" PREROUTING MOTHERSHIP',
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
  'done',
  'exit 0',
  '',
].join('\n');

function rules(peers: readonly string[], forwarded: readonly string[]): string {
  const trusted = ['-i lo', ...[...new Set(peers)].sort().map((peer) => `-s ${peer}`)];
  return [
    '*mangle',
    // Naming a chain empties it in the same transaction that fills it.
    ':MOTHERSHIP - [0:0]',
    ...trusted.map((who) => `-A MOTHERSHIP ${who} -j RETURN`),
    // Traffic routed to the same port of another machine is not affected.
    ...PORTS.map(
      ([protocol, port]) => `-A MOTHERSHIP -p ${protocol} --dport ${port} -m addrtype --dst-type LOCAL -j DROP`,
    ),
    ...(forwarded.length > 0 ? [':MOTHERSHIP-FORWARD - [0:0]', ...forwarded] : []),
    'COMMIT',
  ].join('\n');
}
