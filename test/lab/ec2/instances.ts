import { createHash } from 'node:crypto';
import { Ec2Fault } from './fault.ts';
import { passes, tagSet, tagsFor } from './filters.ts';
import type { Query } from './query.ts';
import type { LabInstance, World } from './world.ts';
import type { Xml } from './xml.ts';

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopped: 80 };
const MAX_PAGE = 1_000;
type Action = (world: World, query: Query) => Xml;

function required(query: Query, name: string): string {
  const value = query.at(name);
  if (value === undefined) throw new Ec2Fault('MissingParameter', `The request must contain the parameter ${name}`);
  return value;
}

const runInstances: Action = (world, query) => {
  const token = required(query, 'ClientToken');
  const tokenUse = createHash('sha256').update(JSON.stringify(query.entries())).digest('hex');
  const before = world.instances.find((each) => each.token === token);
  if (before && before.tokenUse !== tokenUse)
    throw new Ec2Fault(
      'IdempotentParameterMismatch',
      `The request uses the same client token as a previous, but non-identical request.`,
    );
  const instance = before ?? launch(world, query, { token, tokenUse });
  return { reservationId: world.id('r'), ownerId: '111122223333', instancesSet: [view(instance)] };
};

function launch(world: World, query: Query, { token, tokenUse }: { token: string; tokenUse: string }): LabInstance {
  const type = required(query, 'InstanceType');
  const offered = world.types[type];
  if (!offered) throw new Ec2Fault('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
  const image = world.find(world.images, required(query, 'ImageId'), 'InvalidAMIID.NotFound');
  if (image.architecture !== offered.architecture)
    throw new Ec2Fault(
      'InvalidParameterValue',
      `The architecture '${offered.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
  const card = query.branch('NetworkInterface.1');
  const subnet = world.find(world.subnets, card?.at('SubnetId'), 'InvalidSubnetID.NotFound');
  const zone = query.at('Placement.AvailabilityZone') ?? subnet.zone;
  if (zone !== subnet.zone)
    throw new Ec2Fault('InvalidParameterValue', `Invalid availability-zone (${zone}) for subnet ${subnet.id}`);
  if (!offered.zones.includes(zone))
    throw new Ec2Fault(
      'Unsupported',
      `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}).`,
    );
  const key = world.keys.find(({ name }) => name === query.at('KeyName'));
  if (!key || !world.sees(key.id))
    throw new Ec2Fault('InvalidKeyPair.NotFound', `The key pair '${query.at('KeyName')}' does not exist`);
  const groups = (card?.strings('SecurityGroupId') ?? []).map((id) =>
    world.find(world.groups, id, 'InvalidGroup.NotFound'),
  );
  if (groups.some(({ vpc }) => vpc !== subnet.vpc))
    throw new Ec2Fault('InvalidParameter', 'Security group and subnet belong to different networks.');
  const instance: LabInstance = {
    id: world.fresh('i'),
    state: 'pending',
    token,
    tokenUse,
    zone,
    subnet: subnet.id,
    type,
    image: image.id,
    key: key.name,
    groups: groups.map(({ id }) => id),
    tags: tagsFor(query, 'instance'),
    privateIp: '',
    publicIp: '',
    launched: new Date(Date.now() + world.instances.length),
    volume: disk(world, query),
    protected: false,
    ready: false,
    metadata: {
      tokens: query.at('MetadataOptions.HttpTokens') ?? 'optional',
      hopLimit: query.at('MetadataOptions.HttpPutResponseHopLimit') ?? '2',
    },
  };
  world.instances.push(instance);
  for (const volume of world.volumes) if (volume.id === instance.volume) volume.instance = instance.id;
  boot(world, instance, { publicKey: key.publicKey, isPublic: card?.at('AssociatePublicIpAddress') === 'true' });
  return instance;
}

function disk(world: World, query: Query): string {
  const ebs = query.branch('BlockDeviceMapping.1.Ebs');
  const volume = {
    id: world.fresh('vol'),
    size: Number(ebs?.at('VolumeSize') ?? 8),
    type: ebs?.at('VolumeType') ?? 'gp2',
    encrypted: ebs?.at('Encrypted') === 'true',
    deleteOnTermination: ebs?.at('DeleteOnTermination') !== 'false',
    tags: tagsFor(query, 'volume'),
  };
  world.volumes.push(volume);
  return volume.id;
}

function boot(
  world: World,
  instance: LabInstance,
  { publicKey, isPublic }: { publicKey: string; isPublic: boolean },
): void {
  world.backend.start({ id: instance.id, name: instance.tags.Name ?? instance.id, publicKey }).then(
    (host) => {
      instance.privateIp = host.privateIp;
      if (isPublic) instance.publicIp = host.publicIp;
      instance.ready = true;
    },
    (error: unknown) => {
      instance.state = 'terminated';
      instance.reason = `Server.InternalError: ${error instanceof Error ? error.message : String(error)}`;
      drop(world, instance);
    },
  );
}

/** What goes with a machine: its address is free again, its disk goes unless it was told to stay. */
function drop(world: World, instance: LabInstance): void {
  for (const address of world.addresses) if (address.instance === instance.id) delete address.instance;
  for (const volume of world.volumes) if (volume.instance === instance.id) delete volume.instance;
  const stays = world.volumes.filter((volume) => volume.id !== instance.volume || !volume.deleteOnTermination);
  world.volumes.splice(0, world.volumes.length, ...stays);
}

/** Each look at a machine moves it on, as far as its host has come. */
function advance(world: World, instance: LabInstance): void {
  if (!instance.ready) return;
  if (instance.state === 'pending') instance.state = 'running';
  if (instance.state !== 'shutting-down') return;
  instance.state = 'terminated';
  drop(world, instance);
}

function view(instance: LabInstance): Xml {
  const isThere = instance.state !== 'terminated' && instance.state !== 'shutting-down';
  return {
    instanceId: instance.id,
    imageId: instance.image,
    instanceState: { code: STATE_CODES[instance.state], name: instance.state },
    keyName: instance.key,
    instanceType: instance.type,
    launchTime: instance.launched.toISOString(),
    clientToken: instance.token,
    placement: { availabilityZone: instance.zone },
    subnetId: instance.subnet,
    groupSet: instance.groups.map((groupId) => ({ groupId })),
    privateIpAddress: isThere && instance.privateIp ? instance.privateIp : undefined,
    ipAddress: isThere && instance.publicIp ? instance.publicIp : undefined,
    stateReason: instance.reason ? { code: 'Server.InternalError', message: instance.reason } : undefined,
    metadataOptions: { httpTokens: instance.metadata.tokens, httpPutResponseHopLimit: instance.metadata.hopLimit },
    tagSet: tagSet(instance.tags),
  };
}

const describeInstances: Action = (world, query) => {
  const found = world.instances.filter(
    (each) =>
      passes(
        query,
        {
          'instance-id': each.id,
          'client-token': each.token,
          'instance-state-name': each.state,
        },
        each.tags,
      ) && world.sees(each.id),
  );
  for (const instance of found) advance(world, instance);
  const size = Math.min(Number(query.at('MaxResults') ?? MAX_PAGE), world.pageSize);
  const start = Number(query.at('NextToken') ?? 0);
  const next = start + size < found.length ? String(start + size) : undefined;
  return {
    reservationSet: found
      .slice(start, start + size)
      .map((each) => ({ reservationId: `r-${each.id.slice(2)}`, instancesSet: [withAddress(world, each)] })),
    nextToken: next,
  };
};

function withAddress(world: World, instance: LabInstance): Xml {
  const elastic = world.addresses.find((each) => each.instance === instance.id);
  return view(elastic ? { ...instance, publicIp: elastic.ip } : instance);
}

const terminateInstances: Action = (world, query) => {
  const all = query.strings('InstanceId').map((id) => world.find(world.instances, id, 'InvalidInstanceID.NotFound'));
  const kept = all.find((each) => each.protected);
  if (kept)
    throw new Ec2Fault(
      'OperationNotPermitted',
      `The instance '${kept.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  for (const instance of all.filter(({ state }) => state !== 'terminated')) {
    instance.state = 'shutting-down';
    instance.ready = false;
    void world.backend.stop(instance.id).then(() => (instance.ready = true));
  }
  return { instancesSet: all.map((each) => ({ instanceId: each.id, currentState: { name: each.state } })) };
};

const startInstances: Action = (world, query) => {
  const all = query.strings('InstanceId').map((id) => world.find(world.instances, id, 'InvalidInstanceID.NotFound'));
  for (const instance of all) if (instance.state === 'stopped') instance.state = 'pending';
  return { instancesSet: all.map((each) => ({ instanceId: each.id, currentState: { name: each.state } })) };
};

export const instanceActions: Record<string, Action> = {
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  TerminateInstances: terminateInstances,
  StartInstances: startInstances,
};
