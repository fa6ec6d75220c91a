import type { Instance, KeyPairInfo, SecurityGroup } from '@aws-sdk/client-ec2';
import { defined } from '#values/defined.ts';
import { fail } from '#errors';
import { doorsOf } from './firewall-rules.ts';
import { pages, type Ec2 } from './api/ec2.ts';
import { belongsTo, CLUSTER_TAG, machineName, placeOf, sharedName } from './aws-names.ts';
import type { AwsAddress, AwsEstate, AwsGroup, AwsMachine } from './aws-types.ts';

const ENDED = ['shutting-down', 'terminated'];

type Filter = { Name: string; Values: string[] };

export const byCluster = (cluster: string): Filter[] => [{ Name: `tag:${CLUSTER_TAG}`, Values: [cluster] }];

/** Finds the cluster's resources by tag. Resources that only match by name are not ours. */
export async function observeEstate(ec2: Ec2, cluster: string): Promise<AwsEstate> {
  const [all, addresses, group, key] = await Promise.all([
    machinesOf(ec2, cluster),
    addressesOf(ec2, cluster),
    findGroup(ec2, cluster),
    findKey(ec2, cluster),
  ]);
  return {
    machines: all.filter(({ state }) => !ENDED.includes(state)),
    ended: all.filter(({ state }) => ENDED.includes(state)),
    addresses,
    ...defined({ group, key }),
  };
}

/** Each resource by its name and id. */
export function describeEstate(cluster: string, { machines, addresses, group, key }: AwsEstate): string[] {
  const idAndAddress = ({ id, publicAddress }: AwsMachine): string => [id, publicAddress].filter(Boolean).join(', ');
  return [
    ...machines.map((each) => `${machineName(cluster, each)} (${idAndAddress(each)})`),
    ...addresses.map(({ address, id }) => `elastic address ${address} (${id})`),
    ...(group ? [`security group ${sharedName(cluster)} (${group.id})`] : []),
    ...(key ? [`key pair ${key.name}`] : []),
  ];
}

async function machinesOf(ec2: Ec2, cluster: string): Promise<AwsMachine[]> {
  const found = (await instancesOf(ec2, byCluster(cluster))).filter(belongsTo(cluster)).flatMap(machineOf);
  return found.sort((a, b) => a.launched - b.launched || (a.id < b.id ? -1 : 1));
}

/** Finds machines by filters of DescribeInstances. */
export async function findMachines(ec2: Ec2, filters: Filter[]): Promise<AwsMachine[]> {
  return (await instancesOf(ec2, filters)).flatMap(machineOf);
}

async function instancesOf(ec2: Ec2, Filters: Filter[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const page of pages(ec2, 'DescribeInstances', { Filters }))
    found.push(...(page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []));
  return found;
}

/** Empty if the tags that identify it were removed. */
export function machineOf(instance: Instance): AwsMachine[] {
  const place = placeOf(instance);
  if (!place || !instance.InstanceId) return [];
  const why = instance.StateReason?.Message ?? instance.StateTransitionReason;
  return [
    {
      ...place,
      id: instance.InstanceId,
      zone: instance.Placement?.AvailabilityZone ?? '',
      type: instance.InstanceType ?? '',
      state: instance.State?.Name ?? '',
      launched: instance.LaunchTime?.getTime() ?? 0,
      ...defined({
        publicAddress: instance.PublicIpAddress || undefined,
        privateAddress: instance.PrivateIpAddress || undefined,
        why: why || undefined,
      }),
    },
  ];
}

async function addressesOf(ec2: Ec2, cluster: string): Promise<AwsAddress[]> {
  const { Addresses = [] } = await ec2.call('DescribeAddresses', { Filters: byCluster(cluster) });
  return Addresses.filter(belongsTo(cluster))
    .flatMap((each) => {
      const place = placeOf(each);
      if (!place || !each.AllocationId) return [];
      return [
        {
          ...place,
          id: each.AllocationId,
          address: each.PublicIp ?? '',
          ...(each.InstanceId ? { machine: each.InstanceId } : {}),
        },
      ];
    })
    .sort((a, b) => Number(b.machine !== undefined) - Number(a.machine !== undefined) || (a.id < b.id ? -1 : 1));
}

async function findGroup(ec2: Ec2, cluster: string): Promise<AwsGroup | undefined> {
  const found = (await groupsNamed(ec2, cluster)).find(belongsTo(cluster));
  if (!found?.GroupId) return undefined;
  return { id: found.GroupId, vpc: found.VpcId ?? '', doors: doorsOf(found.IpPermissions ?? [], found.GroupId) };
}

/** Returns the cluster's security group in this VPC; undefined while EC2 does not show it. Throws AWS_NAME_TAKEN. */
export async function ownGroup(ec2: Ec2, cluster: string, vpc: string): Promise<string | undefined> {
  const here = (await groupsNamed(ec2, cluster)).filter(({ VpcId }) => VpcId === vpc);
  if (here.some((each) => !belongsTo(cluster)(each)))
    throw fail('AWS_NAME_TAKEN', { kind: 'security group', name: sharedName(cluster) });
  return here[0]?.GroupId;
}

async function groupsNamed(ec2: Ec2, cluster: string): Promise<SecurityGroup[]> {
  const { SecurityGroups = [] } = await ec2.call('DescribeSecurityGroups', {
    Filters: [{ Name: 'group-name', Values: [sharedName(cluster)] }],
  });
  return SecurityGroups.filter(({ GroupName }) => GroupName === sharedName(cluster));
}

async function findKey(ec2: Ec2, cluster: string): Promise<AwsEstate['key']> {
  const found = await keyNamed(ec2, cluster);
  return found && belongsTo(cluster)(found)
    ? { name: sharedName(cluster), publicKey: found.PublicKey ?? '' }
    : undefined;
}

/** Whether EC2 shows the cluster's key pair. Throws AWS_NAME_TAKEN. */
export async function ownsKey(ec2: Ec2, cluster: string): Promise<boolean> {
  const found = await keyNamed(ec2, cluster);
  if (found && !belongsTo(cluster)(found))
    throw fail('AWS_NAME_TAKEN', { kind: 'key pair', name: sharedName(cluster) });
  return found !== undefined;
}

async function keyNamed(ec2: Ec2, cluster: string): Promise<KeyPairInfo | undefined> {
  const { KeyPairs = [] } = await ec2.call('DescribeKeyPairs', {
    Filters: [{ Name: 'key-name', Values: [sharedName(cluster)] }],
    IncludePublicKey: true,
  });
  return KeyPairs.find(({ KeyName }) => KeyName === sharedName(cluster));
}
