import { fail } from '#errors';
import type { MachineSource } from '#provision';

type Role = 'worker' | 'manager';

interface Growth {
  readonly host?: readonly string[] | undefined;
  readonly count?: number | undefined;
  readonly role: Role;
}

/**
 * Returns the existing machines plus the new ones; hosts that are listed already count once. Managers come before
 * workers in a list of hosts. Throws SETUP_OPTION_INVALID.
 */
export function grown(before: MachineSource, { host, count, role }: Growth): MachineSource {
  const refuse = (option: string, why: string): never => {
    throw fail('SETUP_OPTION_INVALID', { option, given: String(host ?? count ?? ''), why });
  };
  const fresh = (host ?? [])
    .flatMap((each) => each.split(','))
    .map((each) => each.trim())
    .filter(Boolean);
  if (before.provider === 'ssh') {
    if (fresh.length === 0) refuse('host', 'list the hosts to add, such as root@192.0.2.8');
    const added = fresh.filter((each) => !before.hosts.includes(each));
    const hosts =
      role === 'manager'
        ? [...before.hosts.slice(0, before.managers), ...added, ...before.hosts.slice(before.managers)]
        : [...before.hosts, ...added];
    return { ...before, hosts, ...changed(before, role, added.length) };
  }
  if (fresh.length > 0) refuse('host', `this cluster's machines come from ${before.provider}; use --count`);
  if (!count) refuse('count', 'specify how many');
  return { ...before, ...changed(before, role, count!) };
}

function changed(
  { managers, workers }: MachineSource,
  role: Role,
  count: number,
): Pick<MachineSource, 'managers' | 'workers'> {
  return role === 'manager' ? { managers: managers + count, workers } : { managers, workers: workers + count };
}

/** Returns the machines without one of that role; `address` identifies a host. */
export function without(before: MachineSource, role: Role, address: string): MachineSource {
  const left = { ...before, ...changed(before, role, -1) };
  return left.provider === 'ssh' ? { ...left, hosts: left.hosts.filter((host) => hostOf(host) !== address) } : left;
}

/** The host of `user@address[:port][=zone]`; an IPv6 address is in brackets. */
function hostOf(text: string): string {
  const place = text.replace(/=.*$/, '').replace(/^.*@/, '');
  return /^\[(.*)\]/.exec(place)?.[1] ?? place.replace(/:\d+$/, '');
}
