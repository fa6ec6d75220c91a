import { Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { fail } from '#errors';

/** Returns all addresses of a host name; none, or a rejection, if it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A registry or server that a user named, `host[:port]`, and where: `line 3 of the Dockerfile`. */
export interface NamedHost {
  readonly host: string;
  readonly where: string;
}

interface ResolverOptions {
  /** Milliseconds until the first try ends; the next one has twice that. */
  readonly timeout: number;
  readonly tries: number;
  /** The system's if missing. */
  readonly servers?: readonly string[];
}

/**
 * Asks DNS servers without the threads that `lookup` shares with all of Node: there are few, and a name whose server
 * is silent would hold one for many seconds.
 */
export function dnsResolve({ servers, ...options }: ResolverOptions): Resolve {
  return async (host) => {
    const resolver = new Resolver(options);
    if (servers) resolver.setServers(servers);
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}

export const systemResolve = dnsResolve({ timeout: 2_000, tries: 2 });

/** Special-purpose addresses of RFC 6890 and multicast. */
const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  SPECIAL.addSubnet(network, prefix);
/** Teredo and 6to4 contain IPv4 addresses. */
SPECIAL.addSubnet('2001::', 32, 'ipv6');
SPECIAL.addSubnet('2002::', 16, 'ipv6');
/** All that IANA assigns globally. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');

export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 4) return !SPECIAL.check(plain);
  return isIP(plain) === 6 && GLOBAL.check(plain, 'ipv6') && !SPECIAL.check(plain, 'ipv6');
}

/**
 * Returns the name in `host[:port]` as programs resolve it: lower case, and an address in its usual form, also of
 * `0x7f.1` or `2130706433`. Undefined if it is not a host.
 */
export function hostName(host: string): string | undefined {
  if (!URL.canParse(`http://${host}`)) return undefined;
  const { hostname, pathname, username } = new URL(`http://${host}`);
  return pathname === '/' && username === '' ? hostname.replace(/^\[|\]$|\.$/g, '') : undefined;
}

/**
 * Whether a host is on the public internet, as far as its name tells: names without a dot are those of a private
 * network, or of the cluster's own containers.
 */
export function looksPublic(host: string): boolean {
  const name = hostName(host);
  if (!name) return false;
  if (isIP(name)) return isPublicAddress(name);
  return name.includes('.') && !/(^|\.)(localhost|internal)$/.test(name);
}

/**
 * Looks hosts up before anything is fetched from them. Throws ADDRESS_PRIVATE if an address of one is not public.
 * Ignores a name without an address: fetching from it fails later.
 */
export async function checkAddresses(hosts: readonly NamedHost[], resolve: Resolve): Promise<void> {
  await Promise.all(
    hosts.map(async ({ host, where }) => {
      const name = hostName(host) ?? host;
      const addresses = isIP(name) ? [name] : await resolve(name).catch(() => []);
      const address = addresses.find((each) => !isPublicAddress(each));
      if (address !== undefined) throw fail('ADDRESS_PRIVATE', { host, where, address });
    }),
  );
}
