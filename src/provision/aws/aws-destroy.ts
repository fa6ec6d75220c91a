import { fail, isMothershipError } from '#errors';
import { retryWhile, waitUntil } from '#events';
import { pages, type Ec2 } from './api/ec2.ts';
import { byCluster, observeEstate } from './inventory.ts';
import { awsCode } from './api/explain.ts';
import { belongsTo, machineName, sharedName } from './aws-names.ts';
import type { AwsAddress, AwsEstate, AwsMachine } from './aws-types.ts';
import type { Tools } from './work.ts';

const LOOK_MS = 3_000;
/** Machines with much memory take minutes to terminate. */
const END_MS = 600_000;
/** Network interfaces of terminated machines keep using the security group for a while. */
const LET_GO_MS = 120_000;
const MAX_PASSES = 4;

const isEmpty = ({ machines, ended, addresses, group, key }: AwsEstate): boolean =>
  machines.length + addresses.length === 0 && !group && !key && ended.every(({ state }) => state === 'terminated');

/**
 * Removes a cluster's resources in dependency order: machines, left-over disks, addresses, the security group, the key
 * pair. Continues after failures and throws them together (AWS_DESTROY_LEFT).
 */
export class AwsDemolition {
  readonly #left: string[] = [];

  constructor(
    private readonly ec2: Ec2,
    private readonly cluster: string,
    private readonly tools: Tools,
  ) {}

  async run(): Promise<void> {
    // EC2 may show recent resources late.
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const estate = await observeEstate(this.ec2, this.cluster);
      if (pass > 0 && isEmpty(estate)) return;
      await this.#clear(estate);
      if (this.#left.length > 0) throw fail('AWS_DESTROY_LEFT', { left: this.#left });
    }
  }

  /** Terminates these machines and waits until they are gone; the rest of the cluster stays. */
  async endOnly(ids: readonly string[]): Promise<void> {
    const estate = await observeEstate(this.ec2, this.cluster);
    const machines = estate.machines.filter(({ id }) => ids.includes(id));
    await this.#endMachines({ ...estate, machines, ended: [] });
    for (const each of estate.addresses.filter(({ machine }) => machine !== undefined && ids.includes(machine)))
      await this.#release(each);
    if (this.#left.length > 0) throw fail('AWS_DESTROY_LEFT', { left: this.#left });
  }

  async #clear(estate: AwsEstate): Promise<void> {
    await this.#endMachines(estate);
    await this.#deleteDisks();
    for (const each of estate.addresses) await this.#release(each);
    const { group, key } = estate;
    if (group) {
      const remove = (): Promise<void> =>
        this.#patiently('DependencyViolation', () => this.ec2.call('DeleteSecurityGroup', { GroupId: group.id }));
      await this.#remove(`security group ${sharedName(this.cluster)} (${group.id})`, 'InvalidGroup.NotFound', remove);
    }
    if (key)
      await this.#remove(`key pair ${key.name}`, 'InvalidKeyPair.NotFound', () =>
        this.ec2.call('DeleteKeyPair', { KeyName: key.name }),
      );
  }

  async #release({ id, address }: AwsAddress): Promise<void> {
    const release = (): Promise<void> =>
      this.#patiently('InvalidIPAddress.InUse', () => this.ec2.call('ReleaseAddress', { AllocationId: id }));
    await this.#remove(`elastic address ${address} (${id})`, 'InvalidAllocationID.NotFound', release);
  }

  async #endMachines(estate: AwsEstate): Promise<void> {
    const ending: AwsMachine[] = [...estate.ended];
    for (const machine of estate.machines) {
      const title = `machine ${machineName(this.cluster, machine)} (${machine.id})`;
      const done = await this.#remove(title, 'InvalidInstanceID.NotFound', () =>
        this.ec2.call('TerminateInstances', { InstanceIds: [machine.id] }),
      );
      if (done) ending.push(machine);
    }
    const ids = new Set(ending.filter(({ state }) => state !== 'terminated').map(({ id }) => id));
    let waiting: AwsMachine[] = [];
    const haveEnded = await waitUntil(this.tools.clock, { every: LOOK_MS, within: END_MS }, async () => {
      const { machines, ended } = await observeEstate(this.ec2, this.cluster);
      waiting = [...machines, ...ended].filter(({ id, state }) => ids.has(id) && state !== 'terminated');
      return waiting.length === 0;
    });
    if (!haveEnded)
      this.#left.push(
        ...waiting.map((each) => `machine ${machineName(this.cluster, each)} (${each.id}): still ${each.state}`),
      );
  }

  /** Root disks are deleted with their machines, unless that was changed. */
  async #deleteDisks(): Promise<void> {
    for await (const page of pages(this.ec2, 'DescribeVolumes', { Filters: byCluster(this.cluster) })) {
      for (const { VolumeId: id, State: state } of (page.Volumes ?? []).filter(belongsTo(this.cluster))) {
        if (id && state !== 'deleting' && state !== 'deleted')
          await this.#remove(`disk ${id}`, 'InvalidVolume.NotFound', () =>
            this.#patiently('VolumeInUse', () => this.ec2.call('DeleteVolume', { VolumeId: id })),
          );
      }
    }
  }

  /** Returns false if it stays. `gone` is EC2's code for a missing resource. */
  async #remove(title: string, gone: string, call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (awsCode(error) === gone) return true;
      if (!isMothershipError(error)) throw error;
      this.#left.push(`${title}: ${error.message}`);
      return false;
    }
  }

  async #patiently(code: string, call: () => Promise<unknown>): Promise<void> {
    const pace = { every: LOOK_MS, within: LET_GO_MS };
    await retryWhile(this.tools.clock, pace, (error) => awsCode(error) === code, call);
  }
}
