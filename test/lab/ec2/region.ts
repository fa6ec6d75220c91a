import { createHash } from 'node:crypto';
import { Ec2Fault } from './fault.ts';
import { passes, tagSet, tagsFor } from './filters.ts';
import type { Query } from './query.ts';
import type { World } from './world.ts';
import type { Xml } from './xml.ts';

type Action = (world: World, query: Query) => Xml;

const describeVpcs: Action = (world, query) => {
  const wanted = query.strings('VpcId').map((id) => world.find(world.vpcs, id, 'InvalidVpcID.NotFound'));
  const from = wanted.length > 0 ? wanted : world.vpcs;
  const found = from.filter((each) => passes(query, { 'is-default': String(each.isDefault) }));
  return { vpcSet: found.map((each) => ({ vpcId: each.id, isDefault: each.isDefault, state: 'available' })) };
};

const describeSubnets: Action = (world, query) => {
  const found = world.subnets.filter((each) => passes(query, { 'vpc-id': each.vpc, 'availability-zone': each.zone }));
  return {
    subnetSet: found.map((each) => ({
      subnetId: each.id,
      vpcId: each.vpc,
      availabilityZone: each.zone,
      availableIpAddressCount: 250,
      defaultForAz: each.isDefault,
      mapPublicIpOnLaunch: each.isDefault,
    })),
  };
};

const describeInstanceTypes: Action = (world, query) => {
  const found = query.strings('InstanceType').map((name) => {
    const type = world.types[name];
    if (!type)
      throw new Ec2Fault('InvalidInstanceType', `The following supplied instance types do not exist: [${name}]`);
    return { instanceType: name, processorInfo: { supportedArchitectures: [type.architecture] } };
  });
  return { instanceTypeSet: found };
};

const describeOfferings: Action = (world, query) => {
  const all = Object.entries(world.types).flatMap(([type, { zones }]) => zones.map((zone) => ({ type, zone })));
  const found = all.filter(({ type, zone }) => passes(query, { 'instance-type': type, location: zone }));
  return {
    instanceTypeOfferingSet: found.map(({ type, zone }) => ({
      instanceType: type,
      locationType: 'availability-zone',
      location: zone,
    })),
  };
};

const describeImages: Action = (world, query) => {
  const owners = query.strings('Owner');
  const found = world.images.filter(
    (each) =>
      (owners.length === 0 || owners.includes(each.owner)) &&
      passes(query, { name: each.name, architecture: each.architecture, state: 'available' }),
  );
  return {
    imagesSet: found.map((each) => ({
      imageId: each.id,
      name: each.name,
      imageOwnerId: each.owner,
      architecture: each.architecture,
      imageState: 'available',
      creationDate: each.created,
      rootDeviceName: '/dev/xvda',
    })),
  };
};

const importKeyPair: Action = (world, query) => {
  const name = query.at('KeyName') ?? '';
  if (world.keys.some((each) => each.name === name))
    throw new Ec2Fault('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
  const publicKey = Buffer.from(query.at('PublicKeyMaterial') ?? '', 'base64').toString();
  if (!/^ssh-(ed25519|rsa) \S+/.test(publicKey))
    throw new Ec2Fault('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  const id = world.fresh('key');
  world.keys.push({ id, name, publicKey, tags: tagsFor(query, 'key-pair') });
  return { keyPairId: id, keyName: name, keyFingerprint: createHash('md5').update(publicKey).digest('hex') };
};

/** EC2 puts the key pair's name where the comment was. */
const describeKeyPairs: Action = (world, query) => {
  const found = world.keys.filter((each) => passes(query, { 'key-name': each.name }, each.tags) && world.sees(each.id));
  const kept = (publicKey: string, name: string): string => `${publicKey.split(' ').slice(0, 2).join(' ')} ${name}`;
  const isWanted = query.at('IncludePublicKey') === 'true';
  return {
    keySet: found.map((each) => ({
      keyPairId: each.id,
      keyName: each.name,
      publicKey: isWanted ? kept(each.publicKey, each.name) : undefined,
      tagSet: tagSet(each.tags),
    })),
  };
};

const deleteKeyPair: Action = (world, query) => {
  const at = world.keys.findIndex((each) => each.name === query.at('KeyName'));
  if (at >= 0) world.keys.splice(at, 1);
  return { return: true };
};

const describeVolumes: Action = (world, query) => {
  const found = world.volumes.filter(
    (each) => passes(query, { 'volume-id': each.id }, each.tags) && world.sees(each.id),
  );
  return {
    volumeSet: found.map((each) => ({
      volumeId: each.id,
      size: each.size,
      volumeType: each.type,
      encrypted: each.encrypted,
      status: each.instance ? 'in-use' : 'available',
      tagSet: tagSet(each.tags),
    })),
  };
};

const deleteVolume: Action = (world, query) => {
  const volume = world.find(world.volumes, query.at('VolumeId'), 'InvalidVolume.NotFound');
  if (volume.instance)
    throw new Ec2Fault('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.instance}`);
  world.volumes.splice(world.volumes.indexOf(volume), 1);
  return { return: true };
};

export const regionActions: Record<string, Action> = {
  DescribeVpcs: describeVpcs,
  DescribeSubnets: describeSubnets,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstanceTypeOfferings: describeOfferings,
  DescribeImages: describeImages,
  ImportKeyPair: importKeyPair,
  DescribeKeyPairs: describeKeyPairs,
  DeleteKeyPair: deleteKeyPair,
  DescribeVolumes: describeVolumes,
  DeleteVolume: deleteVolume,
};
