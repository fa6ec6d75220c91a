import { fail } from '#errors';
import { waitUntil, type Clock, type Event } from '#events';
import { permissionOf } from './firewall-rules.ts';
import type { Ec2 } from './api/ec2.ts';
import { findMachines, ownGroup, ownsKey } from './inventory.ts';
import { awsCode } from './api/explain.ts';
import { MachineLauncher } from './launch.ts';
import { clusterTags, machineName, placeTags, sharedName } from './aws-names.ts';
import { firstOnes, type AwsStep } from './aws-plan.ts';
import type { AwsRequest, FirewallRule, Observed } from './aws-types.ts';

const LOOK_MS = 2_000;
/** Resources become visible within seconds; machines start within one or two minutes. */
const VISIBLE_MS = 60_000;
const START_MS = 600_000;

export interface Tools {
  readonly clock: Clock;
  readonly notify: (event: Event) => void;
}

/** Applies the steps of one plan. Each can be repeated: existing resources count as created. */
export class AwsWork {
  #group: string | undefined;
  readonly #machines: Set<string>;

  constructor(
    private readonly ec2: Ec2,
    private readonly request: AwsRequest,
    private readonly observed: Observed,
    private readonly tools: Tools,
  ) {
    this.#group = observed.estate.group?.id;
    this.#machines = new Set(firstOnes(observed.estate.machines).map(({ id }) => id));
  }

  async apply(step: AwsStep): Promise<void> {
    switch (step.kind) {
      case 'key-pair':
        return this.#importKey();
      case 'group':
        return this.#createGroup(step.vpc);
      case 'open':
        return this.#open(step.doors);
      case 'shut':
        return this.#shut(step.doors);
      case 'machine':
        return this.#launch(step);
      case 'start':
        return void (await this.ec2.call('StartInstances', { InstanceIds: [step.machine] }));
      case 'end':
        return void (await this.ec2.call('TerminateInstances', { InstanceIds: [step.machine] }));
      case 'address':
        return this.#allocate(step);
      case 'attach':
        return this.#attach(step);
      case 'release':
        return void (await this.ec2.call('ReleaseAddress', { AllocationId: step.address }));
    }
  }

  /**
   * Waits until every machine runs (stopped ones are handled by the next plan). Throws AWS_MACHINE_FAILED or
   * AWS_UNSETTLED.
   */
  async settled(): Promise<void> {
    if (this.#machines.size === 0) return;
    const starting = async (): Promise<string | undefined> => {
      const found = await findMachines(this.ec2, [{ Name: 'instance-id', Values: [...this.#machines] }]);
      const ended = found.find(({ state }) => state === 'terminated' || state === 'shutting-down');
      if (ended)
        throw fail('AWS_MACHINE_FAILED', {
          machine: machineName(this.request.cluster, ended),
          state: ended.state,
          why: ended.why ?? '',
        });
      const pending = found.find(({ state }) => state !== 'running' && state !== 'stopped');
      return pending
        ? `${machineName(this.request.cluster, pending)} is ${pending.state}`
        : found.length < this.#machines.size
          ? 'a new machine is not visible yet'
          : undefined;
    };
    await this.#until(START_MS, starting);
  }

  async #importKey(): Promise<void> {
    const name = sharedName(this.request.cluster);
    const tags = [{ ResourceType: 'key-pair' as const, Tags: clusterTags(this.request.cluster) }];
    const input = {
      KeyName: name,
      PublicKeyMaterial: Buffer.from(this.request.publicKey.trim()),
      TagSpecifications: tags,
    };
    await this.ec2.call('ImportKeyPair', input).catch(unless('InvalidKeyPair.Duplicate'));
    await this.#until(VISIBLE_MS, async () =>
      (await ownsKey(this.ec2, this.request.cluster)) ? undefined : `key pair ${name} is not visible yet`,
    );
  }

  async #createGroup(vpc: string): Promise<void> {
    const name = sharedName(this.request.cluster);
    const tags = [{ ResourceType: 'security-group' as const, Tags: clusterTags(this.request.cluster) }];
    const input = {
      GroupName: name,
      Description: `Mothership cluster ${this.request.cluster}`,
      VpcId: vpc,
      TagSpecifications: tags,
    };
    await this.ec2.call('CreateSecurityGroup', input).catch(unless('InvalidGroup.Duplicate'));
    await this.#until(VISIBLE_MS, async () => {
      this.#group = await ownGroup(this.ec2, this.request.cluster, vpc);
      return this.#group ? undefined : `security group ${name} is not visible yet`;
    });
  }

  /** Adds all rules at once; if one exists, EC2 rejects all, and each is added separately. */
  async #open(doors: readonly FirewallRule[]): Promise<void> {
    const GroupId = this.#groupId();
    const ask = (some: readonly FirewallRule[]): Promise<unknown> =>
      this.ec2.call('AuthorizeSecurityGroupIngress', {
        GroupId,
        IpPermissions: some.map((door) => permissionOf(door, GroupId)),
      });
    try {
      await ask(doors);
    } catch (error) {
      if (awsCode(error) !== 'InvalidPermission.Duplicate') throw error;
      for (const door of doors) await ask([door]).catch(unless('InvalidPermission.Duplicate'));
    }
  }

  async #shut(doors: readonly FirewallRule[]): Promise<void> {
    const GroupId = this.#groupId();
    const input = { GroupId, IpPermissions: doors.map((door) => permissionOf(door, GroupId)) };
    await this.ec2.call('RevokeSecurityGroupIngress', input).catch(unless('InvalidPermission.NotFound'));
  }

  async #launch(step: AwsStep & { kind: 'machine' }): Promise<void> {
    const { offer, estate } = this.observed;
    const ground = { request: this.request, offer, group: this.#groupId(), ended: estate.ended.map(({ id }) => id) };
    const launcher = new MachineLauncher(this.ec2, ground, this.tools.clock);
    const zones = [...new Set([step.zone, ...offer.zones, ...offer.spareZones])];
    const machine = machineName(this.request.cluster, step.place);
    for (const zone of zones) {
      const id = await launcher.launch({ ...step, zone });
      if (id) return void this.#machines.add(id);
      this.tools.notify({
        type: 'notice',
        level: 'warning',
        message: `${zone} has no ${step.type} available for ${machine}`,
      });
    }
    throw fail('AWS_NO_CAPACITY', { machine, type: step.type, zones });
  }

  async #allocate({ place }: AwsStep & { kind: 'address' }): Promise<void> {
    const tags = [{ ResourceType: 'elastic-ip' as const, Tags: placeTags(this.request.cluster, place) }];
    const { AllocationId: id } = await this.ec2.call('AllocateAddress', { Domain: 'vpc', TagSpecifications: tags });
    const filter = [{ Name: 'allocation-id', Values: [id ?? ''] }];
    await this.#until(VISIBLE_MS, async () => {
      const { Addresses = [] } = await this.ec2.call('DescribeAddresses', { Filters: filter });
      return Addresses.length > 0 ? undefined : `elastic address ${id ?? ''} is not visible yet`;
    });
  }

  async #attach({ address, machine }: AwsStep & { kind: 'attach' }): Promise<void> {
    await this.ec2.call('AssociateAddress', { AllocationId: address, InstanceId: machine, AllowReassociation: true });
  }

  #groupId(): string {
    if (!this.#group) throw fail('AWS_UNSETTLED', { waiting: `security group ${sharedName(this.request.cluster)}` });
    return this.#group;
  }

  async #until(within: number, waitingFor: () => Promise<string | undefined>): Promise<void> {
    let waiting: string | undefined = '';
    const isSettled = async (): Promise<boolean> => !(waiting = await waitingFor());
    if (!(await waitUntil(this.tools.clock, { every: LOOK_MS, within }, isSettled)))
      throw fail('AWS_UNSETTLED', { waiting });
  }
}

/** Ignores an error with this EC2 code. */
function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (awsCode(error) !== code) throw error;
  };
}
