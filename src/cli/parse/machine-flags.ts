import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { fail } from '#errors';
import type { AwsSource, MachineSource, PracticeSource, SshSource } from '#provision';
import type { Io } from '../program/io.ts';

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
    description: 'Private key file; defaults to ~/.ssh/id_ed25519 and the SSH agent',
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

/** Combines the flags with earlier settings; undefined for this machine alone. Throws SETUP_OPTION_INVALID. */
export async function machineSource(
  flags: MachineFlags,
  io: Io,
  before?: MachineSource,
): Promise<MachineSource | undefined> {
  const provider = flags.provider ?? (flags.host ? 'ssh' : (before?.provider ?? 'local'));
  switch (provider) {
    case 'local':
      return practiceSource(flags, before?.provider === 'local' ? before : undefined);
    case 'ssh':
      return sshSource(flags, io, before?.provider === 'ssh' ? before : undefined);
    case 'aws':
      return awsSource(flags, io, before?.provider === 'aws' ? before : undefined);
  }
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
    keys: await keysOf(flags, io, held),
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

async function awsSource(flags: MachineFlags, io: Io, held: AwsSource | undefined): Promise<AwsSource> {
  // EC2 only supports these two kinds of keys.
  const keys = (await keysOf(flags, io, held)).filter((file) => flags['ssh-key'] || !file.endsWith('id_ecdsa'));
  const region = flags.region ?? io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'];
  const { managers, workers, vpc, disk: diskGb, 'instance-type': instanceType, 'elastic-addresses': elastic } = flags;
  const given = { managers, workers, region, vpc, diskGb, instanceType, elasticAddresses: elastic || undefined };
  const said = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<AwsSource>;
  return {
    ...AWS_DEFAULTS,
    ...held,
    ...said,
    provider: 'aws',
    keys,
    zones: zonesOf(flags, held),
    adminCidrs: flags['admin-cidr'] ? list(flags['admin-cidr']) : (held?.adminCidrs ?? [await ownCidr()]),
    publicKey: held?.publicKey ?? (await publicKeyOf(keys)),
  };
}

function zonesOf(flags: MachineFlags, held: MachineSource | undefined): readonly string[] {
  return flags.zone ? list(flags.zone) : (held?.zones ?? []);
}

async function keysOf(
  flags: MachineFlags,
  io: Io,
  held: SshSource | AwsSource | undefined,
): Promise<readonly string[]> {
  return flags['ssh-key'] ?? held?.keys ?? defaultKeys(io);
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

/** Next to the private key, where ssh-keygen puts it. */
async function publicKeyOf(keys: readonly string[]): Promise<string> {
  const [first] = keys;
  if (!first)
    throw fail('SETUP_OPTION_INVALID', {
      option: 'ssh-key',
      given: '',
      why: 'there is no key in ~/.ssh; create one with ssh-keygen, or specify another',
    });
  const file = `${first}.pub`;
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: Error) => {
      throw fail('FILE_UNREADABLE', { file, why: error.message }, error);
    },
  );
}

async function ownCidr(): Promise<string> {
  const aws = await import('#provision/aws');
  return aws.ownCidr(fetch);
}
