import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { fail } from '#errors';
import type { AwsSource, MachineSource, PracticeSource, SshSource } from '#provision';
import { unreadable } from '../files/unreadable.ts';
import type { Io } from '../program/io.ts';
import { openClusterKey, type ClusterKey } from '../session/cluster-key.ts';

const HELP = 'MACHINES';

/** Flags for where a cluster's machines come from, shared by the commands that create, add and remove them. */
export const machineFlags = {
  provider: Flags.option({
    options: ['local', 'ssh', 'aws'] as const,
    description: 'Where machines come from: this machine, hosts you have, or Amazon EC2',
    helpGroup: HELP,
  })(),
  nodes: Flags.integer({
    description: 'With local: number of nodes; all but the first run as containers on this machine',
    helpValue: 'N',
    helpGroup: HELP,
    min: 1,
    max: 9,
  }),
  host: Flags.string({
    description: 'With ssh: user@address[:port][=zone], comma-separated. The first hosts become managers',
    helpValue: 'HOST',
    helpGroup: HELP,
    multiple: true,
  }),
  managers: Flags.integer({
    description: 'Number of managers: 1, 3 or 5; defaults to 3 with three or more machines, else 1',
    helpValue: 'N',
    helpGroup: HELP,
  }),
  workers: Flags.integer({
    description: 'With aws: number of workers in addition to the managers; defaults to 2',
    helpValue: 'N',
    helpGroup: HELP,
    min: 0,
  }),
  zone: Flags.string({
    description: 'Zones to spread machines over, comma-separated',
    helpValue: 'ZONE',
    helpGroup: HELP,
    multiple: true,
  }),
  'ssh-key': Flags.string({
    description:
      'Private key file; defaults to the keys in ~/.ssh and the SSH agent, or with aws to a new key for the cluster',
    helpValue: 'FILE',
    helpGroup: HELP,
    multiple: true,
  }),
  bastion: Flags.string({
    description: 'With ssh: jump host through which to reach the others',
    helpValue: 'USER@HOST',
    helpGroup: HELP,
  }),
  region: Flags.string({
    description: 'With aws: region; defaults to the AWS configuration',
    helpValue: 'REGION',
    helpGroup: HELP,
  }),
  'instance-type': Flags.string({
    description: 'With aws: instance type; defaults to t3.medium',
    helpValue: 'TYPE',
    helpGroup: HELP,
  }),
  disk: Flags.integer({ description: 'With aws: disk size in GB; defaults to 40', helpValue: 'GB', helpGroup: HELP }),
  vpc: Flags.string({ description: 'With aws: VPC; defaults to the default VPC', helpValue: 'ID', helpGroup: HELP }),
  'admin-cidr': Flags.string({
    description: "With aws: addresses allowed to reach port 22; defaults to this machine's address",
    helpValue: 'CIDR',
    helpGroup: HELP,
    multiple: true,
  }),
  'elastic-addresses': Flags.boolean({
    description: 'With aws: give managers static addresses for DNS',
    helpGroup: HELP,
  }),
};

type MachineFlags = Interfaces.InferredFlags<typeof machineFlags>;

export interface ChosenMachines {
  readonly source: MachineSource;
  /** The key that was created for them, if the user named none. */
  readonly key?: ClusterKey;
}

/**
 * Combines the flags with earlier settings; undefined for this machine alone. Throws SETUP_OPTION_INVALID or
 * SETUP_PROVIDER_DIFFERS.
 */
export async function chooseMachines(
  flags: MachineFlags,
  io: Io,
  cluster: string,
  before?: MachineSource,
): Promise<ChosenMachines | undefined> {
  const provider = flags.provider ?? (flags.host ? 'ssh' : (before?.provider ?? 'local'));
  if (before && before.provider !== provider)
    throw fail('SETUP_PROVIDER_DIFFERS', { cluster, provider: before.provider, given: provider });
  if (provider === 'aws') return awsMachines(flags, io, cluster, held('aws', before));
  const source =
    provider === 'ssh' ? await sshSource(flags, io, held('ssh', before)) : practiceSource(flags, held('local', before));
  return source && { source };
}

function held<P extends MachineSource['provider']>(
  provider: P,
  before: MachineSource | undefined,
): Extract<MachineSource, { provider: P }> | undefined {
  return before?.provider === provider ? (before as Extract<MachineSource, { provider: P }>) : undefined;
}

function practiceSource(flags: MachineFlags, held: PracticeSource | undefined): PracticeSource | undefined {
  const nodes = flags.nodes ?? (held ? held.managers + held.workers : 1);
  if (nodes === 1 && !held) return undefined;
  const managers = flags.managers ?? held?.managers ?? managersOf(nodes);
  return {
    provider: 'local',
    managers,
    workers: atLeastNone(nodes - managers, 'nodes', nodes),
    zones: zonesOf(flags, held),
  };
}

async function sshSource(flags: MachineFlags, io: Io, held: SshSource | undefined): Promise<SshSource> {
  const hosts = flags.host ? list(flags.host) : (held?.hosts ?? []);
  if (hosts.length === 0)
    throw fail('SETUP_OPTION_INVALID', { option: 'host', given: '', why: 'list the hosts, such as root@192.0.2.7' });
  const managers = flags.managers ?? held?.managers ?? managersOf(hosts.length);
  const bastion = flags.bastion ?? held?.bastion;
  return {
    provider: 'ssh',
    managers,
    workers: atLeastNone(hosts.length - managers, 'managers', managers),
    zones: zonesOf(flags, held),
    hosts,
    keys: flags['ssh-key'] ?? held?.keys ?? (await defaultKeys(io)),
    ...(bastion ? { bastion } : {}),
  };
}

const AWS_DEFAULTS = {
  managers: 3,
  workers: 2,
  instanceType: 't3.medium',
  diskGb: 40,
  elasticAddresses: false,
} as const;

async function awsMachines(
  flags: MachineFlags,
  io: Io,
  cluster: string,
  held: AwsSource | undefined,
): Promise<ChosenMachines> {
  const named = flags['ssh-key'] ?? held?.keys;
  if (named) {
    const keys = { keys: named, publicKey: held?.publicKey ?? (await publicKeyBeside(named)) };
    return { source: await awsSource(flags, io, keys, held) };
  }
  const key = await openClusterKey(io, cluster);
  return { source: await awsSource(flags, io, { keys: [key.file], publicKey: key.publicKey }, held), key };
}

async function awsSource(
  flags: MachineFlags,
  io: Io,
  keys: Pick<AwsSource, 'keys' | 'publicKey'>,
  held: AwsSource | undefined,
): Promise<AwsSource> {
  const region = await regionOf(flags, io, held);
  const { managers, workers, vpc, disk: diskGb, 'instance-type': instanceType, 'elastic-addresses': elastic } = flags;
  const given = { managers, workers, region, vpc, diskGb, instanceType, elasticAddresses: elastic || undefined };
  const said = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<AwsSource>;
  return {
    ...AWS_DEFAULTS,
    ...held,
    ...said,
    ...keys,
    provider: 'aws',
    zones: zonesOf(flags, held),
    adminCidrs: flags['admin-cidr'] ? list(flags['admin-cidr']) : (held?.adminCidrs ?? [await ownCidr()]),
  };
}

/** A cluster stays in its region, whatever the environment says by now. Throws SETUP_OPTION_INVALID. */
async function regionOf({ region: given }: MachineFlags, { env }: Io, held: AwsSource | undefined): Promise<string> {
  if (held?.region && given && given !== held.region)
    throw fail('SETUP_OPTION_INVALID', { option: 'region', given, why: `the cluster is in ${held.region}` });
  const region = held?.region || given || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  return region || (await import('#provision/aws')).defaultRegion();
}

function zonesOf(flags: MachineFlags, held: MachineSource | undefined): readonly string[] {
  return flags.zone ? list(flags.zone) : (held?.zones ?? []);
}

const list = (given: readonly string[]): string[] =>
  given
    .flatMap((each) => each.split(','))
    .map((each) => each.trim())
    .filter(Boolean);

/** An even number of managers tolerates no more failures than one fewer. */
function managersOf(machines: number): number {
  return machines >= 3 ? 3 : 1;
}

function atLeastNone(workers: number, option: string, given: number): number {
  if (workers < 0)
    throw fail('SETUP_OPTION_INVALID', { option, given: String(given), why: 'there are fewer machines than managers' });
  return workers;
}

const KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

async function defaultKeys(io: Io): Promise<string[]> {
  const files = KEYS.map((name) => join(io.home, '.ssh', name));
  const there = await Promise.all(
    files.map((file) =>
      readFile(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => there[index]);
}

/** The first key's, where ssh-keygen puts it. */
async function publicKeyBeside(keys: readonly string[]): Promise<string> {
  const file = `${keys[0]}.pub`;
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: Error) => {
      throw unreadable(file, error);
    },
  );
}

async function ownCidr(): Promise<string> {
  const aws = await import('#provision/aws');
  return aws.ownCidr(fetch);
}
