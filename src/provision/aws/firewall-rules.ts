import type { IpPermission } from '@aws-sdk/client-ec2';
import { GROUP, type FirewallRule } from './aws-types.ts';

const WORLD = ['0.0.0.0/0', '::/0'];
const PUBLIC_PORTS = [80, 443];
/**
 * Swarm: management, gossip, VXLAN (docs.docker.com, "Open protocols and ports between the hosts"), ESP for encrypted
 * overlays; 5000 is the registry.
 */
const INSIDE: readonly Omit<FirewallRule, 'from'>[] = [
  { protocol: 'tcp', port: 2377 },
  { protocol: 'tcp', port: 7946 },
  { protocol: 'udp', port: 7946 },
  { protocol: 'udp', port: 4789 },
  { protocol: 'tcp', port: 5000 },
  { protocol: '50' },
];
const SSH = 22;

export const doorKey = (door: FirewallRule): string => `${door.protocol}/${door.port ?? ''}/${door.from}`;

export function wantedDoors(adminCidrs: readonly string[]): FirewallRule[] {
  return [
    ...adminCidrs.map((from): FirewallRule => ({ protocol: 'tcp', port: SSH, from })),
    ...PUBLIC_PORTS.flatMap((port) => WORLD.map((from): FirewallRule => ({ protocol: 'tcp', port, from }))),
    ...INSIDE.map((door): FirewallRule => ({ ...door, from: GROUP })),
  ];
}

/** SSH rules for addresses the operator no longer uses. Rules for other ports were added by hand and stay. */
export function unwantedDoors(present: readonly FirewallRule[], adminCidrs: readonly string[]): FirewallRule[] {
  return present.filter(
    (door) => door.protocol === 'tcp' && door.port === SSH && door.from !== GROUP && !adminCidrs.includes(door.from),
  );
}

/** Converts EC2's permissions; rules with port ranges were added by hand and are ignored. */
export function doorsOf(permissions: readonly IpPermission[], groupId: string): FirewallRule[] {
  return permissions.flatMap((each) => {
    if (each.FromPort !== each.ToPort) return [];
    const base = {
      protocol: each.IpProtocol ?? '',
      ...(each.FromPort === undefined || each.FromPort < 0 ? {} : { port: each.FromPort }),
    };
    const cidrs = [
      ...(each.IpRanges ?? []).map((range) => range.CidrIp),
      ...(each.Ipv6Ranges ?? []).map((range) => range.CidrIpv6),
    ];
    const own = (each.UserIdGroupPairs ?? []).some((pair) => pair.GroupId === groupId) ? [GROUP] : [];
    return [...cidrs, ...own].flatMap((from) => (from ? [{ ...base, from }] : []));
  });
}

export function permissionOf(door: FirewallRule, groupId: string): IpPermission {
  const port = door.port === undefined ? {} : { FromPort: door.port, ToPort: door.port };
  const base = { IpProtocol: door.protocol, ...port };
  if (door.from === GROUP) return { ...base, UserIdGroupPairs: [{ GroupId: groupId }] };
  return door.from.includes(':')
    ? { ...base, Ipv6Ranges: [{ CidrIpv6: door.from }] }
    : { ...base, IpRanges: [{ CidrIp: door.from }] };
}
