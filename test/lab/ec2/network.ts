import { Ec2Fault } from './fault.ts';
import { passes, tagSet, tagsFor } from './filters.ts';
import type { Query } from './query.ts';
import type { LabRule, World } from './world.ts';
import type { Xml } from './xml.ts';

type Action = (world: World, query: Query) => Xml;

const createSecurityGroup: Action = (world, query) => {
  const name = query.at('GroupName') ?? '';
  const vpc = world.find(world.vpcs, query.at('VpcId'), 'InvalidVpcID.NotFound').id;
  if (world.groups.some((each) => each.name === name && each.vpc === vpc))
    throw new Ec2Fault('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc}'`);
  const id = world.fresh('sg');
  world.groups.push({
    id,
    name,
    vpc,
    description: query.at('GroupDescription') ?? '',
    rules: [],
    tags: tagsFor(query, 'security-group'),
  });
  return { return: true, groupId: id };
};

function rulesOf(query: Query): LabRule[] {
  return query.list('IpPermissions').flatMap((each): LabRule[] => {
    const [from, to] = [each.at('FromPort'), each.at('ToPort')];
    const base = {
      protocol: each.at('IpProtocol') ?? '',
      ...(from ? { from: Number(from) } : {}),
      ...(to ? { to: Number(to) } : {}),
    };
    if ((base.protocol === 'tcp' || base.protocol === 'udp') && (!from || !to))
      throw new Ec2Fault(
        'InvalidParameterValue',
        'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
      );
    return [
      ...each.list('IpRanges').map((range) => ({ ...base, cidr: range.at('CidrIp') ?? '' })),
      ...each.list('Ipv6Ranges').map((range) => ({ ...base, cidr6: range.at('CidrIpv6') ?? '' })),
      ...each.list('Groups').map((pair) => ({ ...base, group: pair.at('GroupId') ?? '' })),
    ];
  });
}

const same =
  (a: LabRule) =>
  (b: LabRule): boolean =>
    ruleInWords(a) === ruleInWords(b);

/** `tcp 22 from 198.51.100.1/32`, for assertions. */
export function ruleInWords({ protocol, from, to, cidr, cidr6, group }: LabRule): string {
  const ports = from === undefined ? '' : from === to ? ` ${from}` : ` ${from}-${to}`;
  return `${protocol}${ports} from ${cidr ?? cidr6 ?? (group ? 'the group' : '')}`;
}

const authorize: Action = (world, query) => {
  const group = world.find(world.groups, query.at('GroupId'), 'InvalidGroup.NotFound');
  const rules = rulesOf(query);
  const twice = rules.find((rule) => group.rules.some(same(rule)));
  if (twice)
    throw new Ec2Fault(
      'InvalidPermission.Duplicate',
      `the specified rule "peer: ${ruleInWords(twice)}, ALLOW" already exists`,
    );
  group.rules.push(...rules);
  return { return: true };
};

const revoke: Action = (world, query) => {
  const group = world.find(world.groups, query.at('GroupId'), 'InvalidGroup.NotFound');
  for (const rule of rulesOf(query)) {
    const at = group.rules.findIndex(same(rule));
    if (at < 0)
      throw new Ec2Fault('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    group.rules.splice(at, 1);
  }
  return { return: true };
};

const describeSecurityGroups: Action = (world, query) => {
  const found = world.groups.filter(
    (each) =>
      passes(query, { 'group-name': each.name, 'vpc-id': each.vpc, 'group-id': each.id }, each.tags) &&
      world.sees(each.id),
  );
  const permission = (rule: LabRule): Xml => ({
    ipProtocol: rule.protocol,
    fromPort: rule.from,
    toPort: rule.to,
    groups: rule.group ? [{ groupId: rule.group, userId: '111122223333' }] : [],
    ipRanges: rule.cidr ? [{ cidrIp: rule.cidr }] : [],
    ipv6Ranges: rule.cidr6 ? [{ cidrIpv6: rule.cidr6 }] : [],
  });
  return {
    securityGroupInfo: found.map((each) => ({
      groupId: each.id,
      groupName: each.name,
      groupDescription: each.description,
      vpcId: each.vpc,
      ipPermissions: each.rules.map(permission),
      tagSet: tagSet(each.tags),
    })),
  };
};

const deleteSecurityGroup: Action = (world, query) => {
  const group = world.find(world.groups, query.at('GroupId'), 'InvalidGroup.NotFound');
  const used = world.instances.some((each) => each.groups.includes(group.id) && each.state !== 'terminated');
  if (used || world.interfaceLag > 0) {
    world.interfaceLag = Math.max(0, world.interfaceLag - 1);
    throw new Ec2Fault('DependencyViolation', `resource ${group.id} has a dependent object`);
  }
  world.groups.splice(world.groups.indexOf(group), 1);
  return { return: true };
};

const allocateAddress: Action = (world, query) => {
  const id = world.fresh('eipalloc');
  const ip = `198.51.100.${world.addresses.length + 1}`;
  world.addresses.push({ id, ip, tags: tagsFor(query, 'elastic-ip') });
  return { allocationId: id, publicIp: ip, domain: 'vpc' };
};

const associateAddress: Action = (world, query) => {
  const address = world.find(world.addresses, query.at('AllocationId'), 'InvalidAllocationID.NotFound');
  const instance = world.find(world.instances, query.at('InstanceId'), 'InvalidInstanceID.NotFound');
  if (instance.state !== 'running' && instance.state !== 'stopped')
    throw new Ec2Fault(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in a valid state for this operation.`,
    );
  address.instance = instance.id;
  return { return: true, associationId: world.id('eipassoc') };
};

const describeAddresses: Action = (world, query) => {
  const found = world.addresses.filter(
    (each) => passes(query, { 'allocation-id': each.id }, each.tags) && world.sees(each.id),
  );
  return {
    addressesSet: found.map((each) => ({
      allocationId: each.id,
      publicIp: each.ip,
      domain: 'vpc',
      instanceId: each.instance,
      tagSet: tagSet(each.tags),
    })),
  };
};

const releaseAddress: Action = (world, query) => {
  const address = world.find(world.addresses, query.at('AllocationId'), 'InvalidAllocationID.NotFound');
  if (address.instance) throw new Ec2Fault('InvalidIPAddress.InUse', `Address ${address.ip} is in use.`);
  world.addresses.splice(world.addresses.indexOf(address), 1);
  return { return: true };
};

export const networkActions: Record<string, Action> = {
  CreateSecurityGroup: createSecurityGroup,
  AuthorizeSecurityGroupIngress: authorize,
  RevokeSecurityGroupIngress: revoke,
  DescribeSecurityGroups: describeSecurityGroups,
  DeleteSecurityGroup: deleteSecurityGroup,
  AllocateAddress: allocateAddress,
  AssociateAddress: associateAddress,
  DescribeAddresses: describeAddresses,
  ReleaseAddress: releaseAddress,
};
