import { readFile } from 'node:fs/promises';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import type { RunOptions } from '#cluster';
import { fail } from '#errors';
import { Secret } from '#events';
import { runProgram } from '../files/programs.ts';
import { unreadable } from '../files/unreadable.ts';
import { isInteractive, type Io } from '../program/io.ts';
import { machineFlags } from './machine-flags.ts';

/** Flags of setup. */
export const setupFlags = {
  ...machineFlags,
  name: Flags.string({ description: 'Name of the cluster', helpValue: 'NAME' }),
  domain: Flags.string({
    description: 'Domain for apps, which get the URL NAME.DOMAIN; defaults to localhost',
    helpValue: 'DOMAIN',
  }),
  'http-port': Flags.integer({ description: 'HTTP port of the router; defaults to 80', helpValue: 'PORT' }),
  'https-port': Flags.integer({ description: 'HTTPS port of the router; defaults to 443', helpValue: 'PORT' }),
  publish: Flags.option({
    options: ['auto', 'ingress', 'host'] as const,
    description:
      "Publish the router on Swarm's ingress mesh or on host ports; defaults to the mesh if the kernel has IPVS",
  })(),
  stack: Flags.string({
    description: 'Stack for new apps',
    helpValue: 'STACK',
  }),
  'ca-file': Flags.string({
    description: 'Additional PEM certificates that builds trust; defaults to $NODE_EXTRA_CA_CERTS or $SSL_CERT_FILE',
    helpValue: 'FILE',
  }),
  mirror: Flags.string({
    description: 'Bootstrap from this Debian mirror instead of pulling an image',
    helpValue: 'URL',
  }),
  'npm-registry': Flags.string({
    description: 'npm registry for builds; defaults to the one npm uses here',
    helpValue: 'URL',
  }),
  'admin-user': Flags.string({
    description: 'User of the first token; defaults to admin',
    helpValue: 'USER',
  }),
  registry: Flags.string({
    description:
      "External registry to use instead of the cluster's own, as host/path; set its password in " +
      'MOTHERSHIP_REGISTRY_PASSWORD',
    helpValue: 'PREFIX',
  }),
  'registry-user': Flags.string({
    description: 'User for the external registry',
    helpValue: 'USER',
  }),
  'registry-bucket': Flags.string({
    description:
      "Bucket of an S3-compatible store for the cluster's registry; set its credentials in " +
      'MOTHERSHIP_REGISTRY_ACCESS_KEY and MOTHERSHIP_REGISTRY_SECRET_KEY',
    helpValue: 'NAME',
  }),
  'registry-region': Flags.string({
    description: 'Region of the bucket; defaults to us-east-1',
    helpValue: 'REGION',
    dependsOn: ['registry-bucket'],
  }),
  'registry-endpoint': Flags.string({
    description: 'URL of the store, if it is not Amazon S3',
    helpValue: 'URL',
    dependsOn: ['registry-bucket'],
  }),
  address: Flags.string({ description: 'Where to reach the router from here; defaults to 127.0.0.1', helpValue: 'IP' }),
  'advertise-address': Flags.string({ description: 'Address of this node for other nodes', helpValue: 'IP' }),
  'join-existing-swarm': Flags.boolean({ description: 'Share a Swarm with other services' }),
  plan: Flags.boolean({ description: 'Show the plan and exit' }),
  verbose: Flags.boolean({ description: 'Show the output of image builds' }),
  yes: Flags.boolean({ char: 'y', description: 'Do not prompt' }),
};

export type SetupFlags = Interfaces.InferredFlags<typeof setupFlags> & { json: boolean; context?: string | undefined };

/** What to set up. `address`: where to reach the router from here. Throws SETUP_OPTION_INVALID or FILE_NOT_FOUND. */
export async function setupOptions(flags: SetupFlags, io: Io, address: string): Promise<RunOptions> {
  const given = {
    name: flags.name,
    domain: flags.domain,
    httpPort: flags['http-port'],
    httpsPort: flags['https-port'],
    publish: flags.publish,
    stack: flags.stack,
    caBundle: await caBundle(flags['ca-file'], io),
    mirror: flags.mirror,
    npmRegistry: flags['npm-registry'] ?? (await npmRegistry(io)),
    adminUser: flags['admin-user'],
    advertiseAddress: flags['advertise-address'],
    externalRegistry: externalRegistry(flags, io),
    registryStorage: registryStorage(flags, io),
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const interactive = isInteractive(io) && !flags.yes;
  return {
    ...present,
    address,
    interactive,
    joinExistingSwarm: flags['join-existing-swarm'],
    planOnly: flags.plan,
    yes: flags.yes,
  };
}

function externalRegistry(
  { registry: prefix, 'registry-user': user }: SetupFlags,
  { env }: Io,
): RunOptions['externalRegistry'] {
  if (!prefix) return undefined;
  const password = env['MOTHERSHIP_REGISTRY_PASSWORD'];
  if (!user || !password)
    throw fail('SETUP_OPTION_INVALID', {
      option: 'registry',
      given: prefix,
      why: 'also specify --registry-user, and set the password in MOTHERSHIP_REGISTRY_PASSWORD',
    });
  return { prefix, user, password: new Secret(password) };
}

function registryStorage(
  { 'registry-bucket': bucket, 'registry-region': region = 'us-east-1', 'registry-endpoint': endpoint }: SetupFlags,
  { env }: Io,
): RunOptions['registryStorage'] {
  if (!bucket) return undefined;
  const { MOTHERSHIP_REGISTRY_ACCESS_KEY: accessKey, MOTHERSHIP_REGISTRY_SECRET_KEY: secretKey } = env;
  if (!accessKey || !secretKey)
    throw fail('SETUP_OPTION_INVALID', {
      option: 'registry-bucket',
      given: bucket,
      why: 'set its credentials in MOTHERSHIP_REGISTRY_ACCESS_KEY and MOTHERSHIP_REGISTRY_SECRET_KEY',
    });
  return {
    bucket,
    region,
    ...(endpoint ? { endpoint } : {}),
    accessKey: new Secret(accessKey),
    secretKey: new Secret(secretKey),
  };
}

/** A bundle given by flag must exist; one from the environment may be missing. */
async function caBundle(flag: string | undefined, { env }: Io): Promise<Buffer | undefined> {
  const file = flag ?? (env['NODE_EXTRA_CA_CERTS'] || env['SSL_CERT_FILE']);
  if (!file) return undefined;
  return readFile(file).catch((error: Error) => {
    if (flag === undefined) return undefined;
    throw unreadable(file, error);
  });
}

/** The npm registry that npm uses here; undefined without npm. */
async function npmRegistry(io: Io): Promise<string | undefined> {
  const given = io.env['npm_config_registry'] || io.env['NPM_CONFIG_REGISTRY'];
  const registry = given || (await runProgram(['npm', 'config', 'get', 'registry'], io)).stdout.trim();
  return /^https?:/.test(registry) ? registry.replace(/\/*$/, '/') : undefined;
}
