import type { Subnet } from '@aws-sdk/client-ec2';
import { fail } from '#errors';
import { pages, type Ec2 } from './api/ec2.ts';
import { awsCode } from './api/explain.ts';
import type { AwsImage, AwsOffer, AwsRequest } from './aws-types.ts';

/** Debian's account and image names: wiki.debian.org/Cloud/AmazonEC2Image/Trixie. */
const DEBIAN_OWNER = '136693071363';
const imageNames = (architecture: string): string => `debian-13-${architecture}-*`;
const DEBIAN_WORDS: Readonly<Record<string, string>> = { x86_64: 'amd64', arm64: 'arm64' };
/** Three zones tolerate the loss of one; more only increase the cost of traffic. */
const ZONES_WANTED = 3;

/**
 * Finds what the region offers for a request: VPC, a subnet per zone, zones with the instance types, images. `inUse`:
 * zones with machines of the cluster. Throws AWS_NO_VPC, AWS_ZONE_UNUSABLE, AWS_TYPE_UNKNOWN or AWS_NO_IMAGE.
 */
export async function observeOffer(ec2: Ec2, request: AwsRequest, inUse: readonly string[]): Promise<AwsOffer> {
  const types = [...new Set([request.managerType, request.workerType])];
  const vpc = await findVpc(ec2, request.vpc);
  const [subnets, offered, images] = await Promise.all([
    subnetsOf(ec2, vpc),
    zonesWithTypes(ec2, types),
    imagesOf(ec2, types),
  ]);
  const usable = Object.keys(subnets)
    .filter((zone) => offered.has(zone))
    .sort();
  const zones = chooseZones(
    request.zones.map((zone) => fullZone(ec2.region, zone)),
    usable,
    { inUse, vpc, subnets, types },
  );
  const spareZones = request.zones.length > 0 ? [] : usable.filter((zone) => !zones.includes(zone));
  return { region: ec2.region, vpc, subnets, zones, spareZones, images };
}

/** `a` means the region's zone a. */
function fullZone(region: string, zone: string): string {
  return /^[a-z]$/.test(zone) ? `${region}${zone}` : zone;
}

interface ZoneFacts {
  readonly inUse: readonly string[];
  readonly vpc: string;
  readonly subnets: Readonly<Record<string, string>>;
  readonly types: readonly string[];
}

export function chooseZones(wanted: readonly string[], usable: readonly string[], facts: ZoneFacts): string[] {
  for (const zone of wanted) {
    if (usable.includes(zone)) continue;
    const why = facts.subnets[zone]
      ? `it does not have ${facts.types.join(' and ')}`
      : `VPC ${facts.vpc} has no subnet there`;
    throw fail('AWS_ZONE_UNUSABLE', { zone, why, zones: usable });
  }
  if (wanted.length > 0) return [...new Set(wanted)];
  if (usable.length === 0)
    throw fail('AWS_ZONE_UNUSABLE', {
      zone: 'any',
      why: `no zone has a subnet of ${facts.vpc} and ${facts.types.join(' and ')}`,
      zones: [],
    });
  const first = usable.filter((zone) => facts.inUse.includes(zone));
  return [...first, ...usable.filter((zone) => !first.includes(zone))].slice(0, Math.max(ZONES_WANTED, first.length));
}

async function findVpc(ec2: Ec2, vpc: string | undefined): Promise<string> {
  const facts = { region: ec2.region, ...(vpc ? { vpc } : {}) };
  const query = vpc ? { VpcIds: [vpc] } : { Filters: [{ Name: 'is-default', Values: ['true'] }] };
  const { Vpcs = [] } = await ec2.call('DescribeVpcs', query).catch((error: unknown) => {
    throw awsCode(error)?.startsWith('InvalidVpc') ? fail('AWS_NO_VPC', facts, error) : error;
  });
  const id = Vpcs[0]?.VpcId;
  if (!id) throw fail('AWS_NO_VPC', facts);
  return id;
}

/**
 * One subnet per zone: Amazon's default, else one that assigns public addresses, else the one with most free addresses.
 */
async function subnetsOf(ec2: Ec2, vpc: string): Promise<Record<string, string>> {
  const found: Subnet[] = [];
  for await (const page of pages(ec2, 'DescribeSubnets', { Filters: [{ Name: 'vpc-id', Values: [vpc] }] }))
    found.push(...(page.Subnets ?? []));
  // The best comes last, so that it wins.
  const ranked = found.sort(compareSubnets).map(({ AvailabilityZone: zone, SubnetId: id }) => [zone, id]);
  return Object.fromEntries(ranked.filter(([zone, id]) => zone && id));
}

/** Sorts the better subnet last. */
function compareSubnets(a: Subnet, b: Subnet): number {
  const rank = (subnet: Subnet): number => (subnet.DefaultForAz ? 2 : 0) + (subnet.MapPublicIpOnLaunch ? 1 : 0);
  const room = (subnet: Subnet): number => subnet.AvailableIpAddressCount ?? 0;
  return rank(a) - rank(b) || room(a) - room(b) || ((a.SubnetId ?? '') < (b.SubnetId ?? '') ? 1 : -1);
}

async function zonesWithTypes(ec2: Ec2, types: readonly string[]): Promise<Set<string>> {
  const byZone = new Map<string, Set<string>>();
  const query = {
    LocationType: 'availability-zone' as const,
    Filters: [{ Name: 'instance-type', Values: [...types] }],
  };
  for await (const page of pages(ec2, 'DescribeInstanceTypeOfferings', query)) {
    for (const { Location: zone = '', InstanceType: type = '' } of page.InstanceTypeOfferings ?? [])
      byZone.set(zone, (byZone.get(zone) ?? new Set()).add(type));
  }
  return new Set([...byZone].filter(([, there]) => types.every((type) => there.has(type))).map(([zone]) => zone));
}

async function imagesOf(ec2: Ec2, types: readonly string[]): Promise<Record<string, AwsImage>> {
  const entries = types.map(async (type) => [type, await newestImage(ec2, await architectureOf(ec2, type))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function architectureOf(ec2: Ec2, type: string): Promise<string> {
  const unknown = (cause?: unknown) => fail('AWS_TYPE_UNKNOWN', { type, region: ec2.region }, cause);
  const { InstanceTypes = [] } = await ec2
    .call('DescribeInstanceTypes', { InstanceTypes: [type as 't3.medium'] })
    .catch((error: unknown) => {
      throw awsCode(error) === 'InvalidInstanceType' || awsCode(error) === 'InvalidParameterValue'
        ? unknown(error)
        : error;
    });
  const architecture = InstanceTypes[0]?.ProcessorInfo?.SupportedArchitectures?.find((each) => each in DEBIAN_WORDS);
  if (!architecture) throw unknown();
  return architecture;
}

async function newestImage(ec2: Ec2, architecture: string): Promise<AwsImage> {
  const word = DEBIAN_WORDS[architecture] ?? architecture;
  const Filters = [
    { Name: 'name', Values: [imageNames(word)] },
    { Name: 'architecture', Values: [architecture] },
    { Name: 'state', Values: ['available'] },
  ];
  const { Images = [] } = await ec2.call('DescribeImages', { Owners: [DEBIAN_OWNER], Filters });
  const newest = Images.sort((a, b) => (a.CreationDate ?? '').localeCompare(b.CreationDate ?? '')).at(-1);
  if (!newest?.ImageId) throw fail('AWS_NO_IMAGE', { region: ec2.region, architecture: word });
  return { id: newest.ImageId, rootDevice: newest.RootDeviceName ?? '/dev/xvda' };
}
