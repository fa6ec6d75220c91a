import { createHash } from 'node:crypto';
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { Ec2 } from './api/ec2.ts';
import { findMachines, machineOf } from './inventory.ts';
import { awsCode } from './api/explain.ts';
import { machineName, placeTags, sharedName } from './aws-names.ts';
import type { AwsMachine, AwsOffer, AwsRequest, MachineSlot } from './aws-types.ts';

/** Errors after which another zone may work: it may have the type, or room in its subnet. */
const ZONE_IS_FULL = [
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientFreeAddressesInSubnet',
  'Unsupported',
];
/** More than could be terminated by hand within the lifetime of a token. */
const MAX_GENERATIONS = 50;
const VISIBLE_MS = 20_000;
const LOOK_MS = 2_000;
/** Longer than clock differences and the delay until a new machine is visible. */
const OLD_MS = 15 * 60_000;
const ENDED = ['shutting-down', 'terminated'];

export interface Launch {
  readonly place: MachineSlot;
  readonly zone: string;
  readonly type: string;
}

interface Ground {
  readonly request: AwsRequest;
  readonly offer: AwsOffer;
  /** The security group. Its id is new for each cluster, so it also distinguishes clusters of the same name. */
  readonly group: string;
  /** Ids of machines that EC2 showed as terminated. */
  readonly ended: readonly string[];
}

/**
 * Starts one machine. EC2 ignores a repeated client token, so tokens are derived from the machine: a run that died
 * before the response uses the same token again. A terminated machine keeps its token busy; then the next generation's
 * is used.
 */
export class MachineLauncher {
  constructor(
    private readonly ec2: Ec2,
    private readonly ground: Ground,
    private readonly clock: Clock,
  ) {}

  /** Returns its id; undefined if the zone is full. */
  async launch(wanted: Launch): Promise<string | undefined> {
    for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
      const token = clientToken(this.ground.group, wanted, generation);
      try {
        const { Instances = [] } = await this.ec2.call('RunInstances', this.#input(wanted, token));
        const machine = Instances.flatMap(machineOf)[0];
        if (machine && !(await this.#hasEnded(machine))) return machine.id;
      } catch (error) {
        const code = awsCode(error) ?? '';
        if (ZONE_IS_FULL.includes(code)) return undefined;
        if (code !== 'IdempotentParameterMismatch') throw error;
        const machine = await this.#madeBefore(token);
        if (machine && !ENDED.includes(machine.state)) return machine.id;
      }
    }
    throw fail('AWS_UNSETTLED', { waiting: machineName(this.ground.request.cluster, wanted.place) });
  }

  /** The response to an old token may show the machine's state when the token was new. */
  async #hasEnded({ id, state, launched }: AwsMachine): Promise<boolean> {
    if (ENDED.includes(state) || this.ground.ended.includes(id)) return true;
    if (launched > this.clock.now() - OLD_MS) return false;
    const [seen] = await findMachines(this.ec2, [{ Name: 'instance-id', Values: [id] }]);
    return !seen || ENDED.includes(seen.state);
  }

  /** An earlier run used the token for a machine with another size or image, which may not be visible yet. */
  #madeBefore(token: string): Promise<AwsMachine | undefined> {
    return waitUntil(this.clock, { every: LOOK_MS, within: VISIBLE_MS }, async () => {
      const [machine] = await findMachines(this.ec2, [{ Name: 'client-token', Values: [token] }]);
      return machine;
    });
  }

  #input({ place, zone, type }: Launch, token: string): RunInstancesCommandInput {
    const { request, offer, group } = this.ground;
    const image = offer.images[type];
    const subnet = offer.subnets[zone];
    const tags = placeTags(request.cluster, place);
    return {
      ClientToken: token,
      MinCount: 1,
      MaxCount: 1,
      ImageId: image?.id,
      InstanceType: type as 't3.medium',
      KeyName: sharedName(request.cluster),
      Placement: { AvailabilityZone: zone },
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: subnet,
          Groups: [group],
          AssociatePublicIpAddress: true,
          DeleteOnTermination: true,
        },
      ],
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [
        {
          DeviceName: image?.rootDevice,
          Ebs: { VolumeType: 'gp3', VolumeSize: request.diskGb, Encrypted: true, DeleteOnTermination: true },
        },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: tags },
        { ResourceType: 'volume', Tags: tags },
        { ResourceType: 'network-interface', Tags: tags },
      ],
    };
  }
}

export function clientToken(group: string, { place, zone }: Launch, generation: number): string {
  return createHash('sha256')
    .update(JSON.stringify([group, place.role, place.index, zone, generation]))
    .digest('hex');
}
