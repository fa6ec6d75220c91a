/** Services that may open connections to web processes on the proxy network: its hubs. */
export const HUBS = ['mothership-router', 'mothership-controller'] as const;

/**
 * An nftables script for the namespace of the proxy network on one node. On this network only hubs open connections; a
 * web process answers them. Rules apply where a frame enters the network, so a node only needs the addresses of its own
 * hubs, and frames of other nodes were checked there. Everything unknown is dropped, never rejected: the first packet
 * of a hub that has just started is sent again. Replaces an earlier table in one transaction.
 */
export function isolationRules(localHubs: readonly string[]): string {
  const elements = localHubs.length > 0 ? ` elements = { ${[...localHubs].sort().join(', ')} };` : '';
  return `table bridge mothership
delete table bridge mothership
table bridge mothership {
  set hubs { type ipv4_addr;${elements} }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ether type arp accept
    iifname "vxlan*" accept
    ip saddr @hubs accept
    ether type ip tcp flags & (syn | ack) != syn accept
  }
  chain input {
    type filter hook input priority 0; policy drop;
    ether type arp accept
  }
}
`;
}
