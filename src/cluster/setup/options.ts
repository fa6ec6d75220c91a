import { isIPv4 } from 'node:net';
import { fail } from '#errors';
import type { Secret } from '#events';
import type { ClusterRecord } from '#store';

/** Options as given by the user; missing ones come from the existing cluster or have defaults. */
export interface SetupOptions {
  readonly name?: string;
  readonly domain?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly publish?: 'auto' | 'ingress' | 'host';
  readonly stack?: string;
  /** Additional PEM certificates that builds trust. */
  readonly caBundle?: Buffer;
  /** Debian mirror to bootstrap from instead of pulling an image. */
  readonly mirror?: string;
  readonly npmRegistry?: string;
  readonly adminUser?: string;
  /** Where published ports are reachable from this machine. */
  readonly address: string;
  /** Address of this node for others; detected if omitted. */
  readonly advertiseAddress?: string;
  readonly joinExistingSwarm?: boolean;
  /** A multi-node cluster has a registry, and keeps it. */
  readonly nodes?: 'one' | 'many';
  /** External registry instead of the cluster's own. */
  readonly externalRegistry?: { readonly prefix: string; readonly user: string; readonly password: Secret };
  /** S3-compatible store for the cluster's registry, instead of the managers' disks. */
  readonly registryStorage?: RegistryStorage;
}

export interface RegistryStorage {
  readonly bucket: string;
  readonly region: string;
  /** URL of a store that is not Amazon S3. */
  readonly endpoint?: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

/** Complete and validated. */
export type Settings = Required<
  Pick<
    SetupOptions,
    'name' | 'domain' | 'httpPort' | 'httpsPort' | 'publish' | 'stack' | 'adminUser' | 'address' | 'nodes'
  >
> &
  Pick<
    SetupOptions,
    'caBundle' | 'mirror' | 'npmRegistry' | 'advertiseAddress' | 'externalRegistry' | 'registryStorage'
  > & {
    readonly joinExistingSwarm: boolean;
    /** The token that this machine's CLI has for the cluster. */
    readonly token?: Secret;
  };

/** Maximum size of a Swarm config, with some margin. */
const LARGEST_CONFIG = 900_000;
export const STACK = 'debian-13';
/** Heroku's stack, whose images and buildpacks are fetched from the internet during setup. */
export const HEROKU_STACK = 'heroku-24';

const defaults = {
  name: 'mothership',
  domain: 'localhost',
  httpPort: 80,
  httpsPort: 443,
  publish: 'auto',
  stack: STACK,
  adminUser: 'admin',
  joinExistingSwarm: false,
  nodes: 'one',
} as const;

/** Merges given options, the cluster's settings and defaults. Throws SETUP_OPTION_INVALID. */
export function settle(options: SetupOptions, record: ClusterRecord | undefined): Settings {
  const given = { ...defaults, ...heldBy(record), ...options };
  // The registry stays when a cluster shrinks to one node.
  const nodes = record?.nodes === 'many' ? 'many' : given.nodes;
  const settings: Settings = { ...given, nodes, domain: given.domain.toLowerCase().replace(/\.$/, '') };
  for (const [option, value, why] of complaints(settings))
    throw fail('SETUP_OPTION_INVALID', { option, given: String(value), why });
  return settings;
}

function heldBy(record: ClusterRecord | undefined): Partial<Settings> {
  if (!record) return {};
  const { name, domain, httpPort, httpsPort, publish, defaultStack, npmRegistry } = record;
  return { name, domain, httpPort, httpsPort, publish, stack: defaultStack, ...(npmRegistry ? { npmRegistry } : {}) };
}

const NAME = /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/;
const NAME_FORM = 'use lower-case letters, digits and dashes';
const DOMAIN = /^(?=.{1,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

/** A cluster's name is part of names at the provider and of files. Throws SETUP_OPTION_INVALID. */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw fail('SETUP_OPTION_INVALID', { option: 'name', given: name, why: NAME_FORM });
}

/** Whether it is valid; otherwise the option, its value and the reason. */
type Check = [boolean, string, string | number, string];

/** Option, value and reason. */
function complaints(settings: Settings): [string, string | number, string][] {
  const { name, domain, httpPort, httpsPort, stack, mirror, adminUser, caBundle } = settings;
  const checks: Check[] = [
    [NAME.test(name), 'name', name, NAME_FORM],
    [DOMAIN.test(domain), 'domain', domain, 'it is not a host name'],
    [!isIPv4(domain), 'domain', domain, 'apps need names under it, which an IP address does not have'],
    [isPort(httpPort), 'http-port', httpPort, 'ports range from 1 to 65535'],
    [isPort(httpsPort), 'https-port', httpsPort, 'ports range from 1 to 65535'],
    [httpPort !== httpsPort, 'https-port', httpsPort, 'it is already used for HTTP'],
    [stack === STACK || stack === HEROKU_STACK, 'stack', stack, `the stacks are ${STACK} and ${HEROKU_STACK}`],
    [mirror === undefined || /^https?:\/\/\S+$/.test(mirror), 'mirror', mirror ?? '', 'it is not an http URL'],
    [/^[\w.@+-]{1,64}$/.test(adminUser), 'admin-user', adminUser, 'use letters, digits and . @ + - _'],
    [
      caBundle?.includes('-----BEGIN CERTIFICATE-----') ?? true,
      'ca-file',
      'this file',
      'it contains no PEM certificates',
    ],
    [
      (caBundle?.length ?? 0) <= LARGEST_CONFIG,
      'ca-file',
      'this file',
      `Swarm stores at most ${LARGEST_CONFIG / 1000} kB; it has ${Math.ceil((caBundle?.length ?? 0) / 1000)} kB`,
    ],
  ];
  return [...checks, ...storageChecks(settings)].flatMap(([good, option, value, why]) =>
    good ? [] : [[option, value, why]],
  );
}

function storageChecks({ registryStorage: storage, externalRegistry, nodes }: Settings): Check[] {
  if (!storage) return [];
  const { bucket, endpoint } = storage;
  return [
    [/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket), 'registry-bucket', bucket, 'it is not a valid bucket name'],
    [
      endpoint === undefined || /^https?:\/\/\S+$/.test(endpoint),
      'registry-endpoint',
      endpoint ?? '',
      'it is not an http URL',
    ],
    [externalRegistry === undefined, 'registry-bucket', bucket, 'an external registry has its own storage'],
    [nodes === 'many', 'registry-bucket', bucket, 'a cluster of one node has no registry'],
  ];
}
