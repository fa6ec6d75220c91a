import { isIPv4 } from 'node:net';
import { fail } from '../errors/index.ts';
import type { Secret } from '../events/index.ts';
import type { ClusterRecord } from '../store/index.ts';

/** As a person gives them; what is missing is taken from the cluster that exists, or has a default. */
export interface SetupOptions {
  readonly name?: string;
  readonly domain?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly publish?: 'auto' | 'ingress' | 'host';
  readonly stack?: string;
  /** PEM certificates that builds trust beside the usual ones. */
  readonly caBundle?: Buffer;
  /** Debian mirror to bootstrap from instead of pulling an image. */
  readonly mirror?: string;
  readonly npmRegistry?: string;
  readonly adminUser?: string;
  /** Where published ports answer from this machine. */
  readonly address: string;
  /** Address that this node gives to others; found when missing. */
  readonly advertiseAddress?: string;
  readonly joinExistingSwarm?: boolean;
  /** The token that this machine's CLI has for the cluster. */
  readonly token?: Secret;
}

/** Complete and checked. */
export type Settings = Required<Pick<SetupOptions, 'name' | 'domain' | 'httpPort' | 'httpsPort' | 'publish' | 'stack' | 'adminUser' | 'address'>>
  & Pick<SetupOptions, 'caBundle' | 'mirror' | 'npmRegistry' | 'advertiseAddress' | 'token'>
  & { readonly joinExistingSwarm: boolean };

/** Of one Swarm config, with room to spare. */
const LARGEST_CONFIG = 900_000;
export const STACK = 'debian-13';

/** Throws SETUP_OPTION_INVALID. */
export function settle(options: SetupOptions, record: ClusterRecord | undefined): Settings {
  const settings = {
    ...options,
    name: options.name ?? record?.name ?? 'mothership',
    domain: (options.domain ?? record?.domain ?? 'localhost').toLowerCase(),
    httpPort: options.httpPort ?? record?.httpPort ?? 80,
    httpsPort: options.httpsPort ?? record?.httpsPort ?? 443,
    publish: options.publish ?? record?.publish ?? 'auto',
    stack: options.stack ?? record?.defaultStack ?? STACK,
    adminUser: options.adminUser ?? 'admin',
    joinExistingSwarm: options.joinExistingSwarm ?? false,
    ...(options.npmRegistry ?? record?.npmRegistry ? { npmRegistry: options.npmRegistry ?? record!.npmRegistry! } : {}),
  };
  check(settings);
  return settings;
}

const DOMAIN = /^(?=.{1,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function check(settings: Settings): void {
  const refuse = (option: string, given: string | number, why: string): never => {
    throw fail('SETUP_OPTION_INVALID', { option, given: String(given), why });
  };
  if (!/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(settings.name)) refuse('name', settings.name, 'use lower-case letters, digits and dashes');
  if (!DOMAIN.test(settings.domain)) refuse('domain', settings.domain, 'it is not a host name');
  if (isIPv4(settings.domain)) refuse('domain', settings.domain, 'apps need names below it; an address has none');
  for (const [option, port] of [['http-port', settings.httpPort], ['https-port', settings.httpsPort]] as const) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(option, port, 'ports go from 1 to 65535');
  }
  if (settings.httpPort === settings.httpsPort) refuse('https-port', settings.httpsPort, 'HTTP has that port already');
  const bundle = settings.caBundle;
  if (bundle && !bundle.includes('-----BEGIN CERTIFICATE-----')) refuse('ca-file', 'this file', 'it holds no PEM certificates');
  if (bundle && bundle.length > LARGEST_CONFIG) refuse('ca-file', 'this file', `Swarm keeps ${LARGEST_CONFIG / 1000} kB at most; it has ${Math.ceil(bundle.length / 1000)} kB`);
  if (settings.stack !== STACK) refuse('stack', settings.stack, `there is ${STACK} only`);
  if (settings.mirror && !/^https?:\/\/[^\s]+$/.test(settings.mirror)) refuse('mirror', settings.mirror, 'it is not an http URL');
  if (!/^[\w.@+-]{1,64}$/.test(settings.adminUser)) refuse('admin-user', settings.adminUser, 'use letters, digits and . @ + - _');
}
