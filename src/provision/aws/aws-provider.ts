import type { EngineAddress } from '#engine';
import { fail } from '#errors';
import { systemClock, type Clock, type Event } from '#events';
import type { Machine } from '../machine.ts';
import type { MachineInventory, MachineRequest, ProvidedMachine, Provider, ProvisionStep } from '../provider.ts';
import { AwsDemolition } from './aws-destroy.ts';
import type { Ec2 } from './api/ec2.ts';
import { describeEstate, observeEstate } from './inventory.ts';
import { machineName } from './aws-names.ts';
import { observeOffer } from './instance-choice.ts';
import { describePlan, firstOnes, planAws, type AwsStep } from './aws-plan.ts';
import { checkSettings } from './aws-settings.ts';
import type { AwsMachine, AwsRequest, AwsSettings, Observed } from './aws-types.ts';
import { AwsWork, type Tools } from './work.ts';

/** Each round sees the results of the last; three are enough unless EC2 is slow to show resources. */
const MAX_ROUNDS = 10;
const ROUND_MS = 2_000;

/** How to reach a machine: over SSH as the user `admin` of Debian's images. */
export type Reach = (address: string, name: string) => Reached | Promise<Reached>;

export interface Reached {
  readonly machine: Machine;
  readonly engine: EngineAddress;
  readonly close?: () => Promise<void>;
}

export interface AwsParts {
  readonly reach: Reach;
  /** Defaults to the SDK's chain: AWS_REGION, then the profile. */
  readonly region?: string;
  /** Called with addresses of terminated machines. */
  readonly forget?: (address: string) => Promise<void>;
  readonly notify?: (event: Event) => void;
  readonly clock?: Clock;
  /** Defaults to the AWS SDK, loaded at the first call. */
  readonly connect?: () => Promise<Ec2>;
}

/**
 * EC2 machines in one region. All resources are tagged `mothership:cluster=<name>` at creation and nothing is recorded
 * elsewhere, so an interrupted run can be continued. `settings` can be omitted if machines are only listed or removed.
 */
export class AwsProvider implements Provider {
  readonly name = 'aws';
  readonly endsMachines = true;
  readonly #tools: Tools;
  readonly #reached = new Map<string, Promise<Reached>>();
  #ec2: Promise<Ec2> | undefined;

  constructor(
    private readonly settings: AwsSettings | undefined,
    private readonly parts: AwsParts,
  ) {
    this.#tools = { clock: parts.clock ?? systemClock, notify: parts.notify ?? (() => {}) };
  }

  /** The given region, or the default chain's. */
  async region(): Promise<string> {
    return (await this.#connected()).region;
  }

  async plan(request: MachineRequest): Promise<ProvisionStep[]> {
    const wanted = this.#wanted(request);
    return describePlan(planAws(await this.#observe(wanted), wanted));
  }

  async create(request: MachineRequest): Promise<ProvidedMachine[]> {
    const wanted = this.#wanted(request);
    let steps: AwsStep[] = [];
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (round > 1) await this.#tools.clock.sleep(ROUND_MS);
      const observed = await this.#observe(wanted);
      steps = planAws(observed, wanted);
      const work = new AwsWork(await this.#connected(), wanted, observed, this.#tools);
      for (const step of steps) await this.#apply(work, step);
      await work.settled();
      if (steps.length === 0) return this.list(request.cluster);
    }
    throw fail('AWS_UNSETTLED', { waiting: steps.map(({ title }) => title).join('; ') });
  }

  async list(cluster: string): Promise<ProvidedMachine[]> {
    const { machines } = await observeEstate(await this.#connected(), cluster);
    const running = firstOnes(machines).filter(({ state }) => state === 'running');
    const inOrder = running.sort((a, b) => a.role.localeCompare(b.role) || a.index - b.index);
    return Promise.all(inOrder.map((each) => this.#provided(cluster, each)));
  }

  async inventory(cluster: string): Promise<MachineInventory> {
    const estate = await observeEstate(await this.#connected(), cluster);
    return { where: `Amazon EC2 in ${await this.region()}`, resources: describeEstate(cluster, estate) };
  }

  /** Throws AWS_DESTROY_LEFT with everything that could not be removed. */
  async destroy(cluster: string): Promise<void> {
    await new AwsDemolition(await this.#connected(), cluster, this.#tools).run();
  }

  /** Removes a machine, running or not, and its elastic address. */
  async remove(cluster: string, privateAddress: string): Promise<string | undefined> {
    const { machines } = await observeEstate(await this.#connected(), cluster);
    const found = machines.find((machine) => machine.privateAddress === privateAddress);
    if (!found) return undefined;
    await new AwsDemolition(await this.#connected(), cluster, this.#tools).endOnly([found.id]);
    const address = found.publicAddress ?? privateAddress;
    await this.parts.forget?.(address);
    return address;
  }

  async close(): Promise<void> {
    const reached = [...this.#reached.values()];
    this.#reached.clear();
    await Promise.all(
      reached.map((each) =>
        each.then(
          ({ close }) => close?.(),
          () => undefined,
        ),
      ),
    );
    await this.#ec2?.then(
      (ec2) => ec2.close(),
      () => {},
    );
    this.#ec2 = undefined;
  }

  async #apply(work: AwsWork, step: AwsStep): Promise<void> {
    this.#tools.notify({ type: 'phase', phase: step.title, state: 'started' });
    const began = this.#tools.clock.now();
    await work.apply(step);
    this.#tools.notify({ type: 'phase', phase: step.title, state: 'done', ms: this.#tools.clock.now() - began });
  }

  async #observe(wanted: AwsRequest): Promise<Observed> {
    const ec2 = await this.#connected();
    const estate = await observeEstate(ec2, wanted.cluster);
    const vpc = wanted.vpc ?? estate.group?.vpc;
    const inUse = estate.machines.map(({ zone }) => zone);
    return { estate, offer: await observeOffer(ec2, { ...wanted, ...(vpc ? { vpc } : {}) }, inUse) };
  }

  #wanted(request: MachineRequest): AwsRequest {
    if (!this.settings)
      throw fail('SETUP_OPTION_INVALID', { option: 'ssh-key', given: '', why: 'it is required to create machines' });
    return checkSettings({ ...request, ...this.settings });
  }

  async #provided(cluster: string, machine: AwsMachine): Promise<ProvidedMachine> {
    const name = machineName(cluster, machine);
    const privateAddress = machine.privateAddress ?? '';
    const address = machine.publicAddress ?? privateAddress;
    const opening = this.#reached.get(address) ?? Promise.resolve(this.parts.reach(address, name));
    this.#reached.set(address, opening);
    opening.catch(() => this.#reached.delete(address));
    const reached = await opening;
    return {
      id: machine.id,
      name,
      machine: reached.machine,
      engine: reached.engine,
      address,
      privateAddress,
      zone: machine.zone,
      role: machine.role,
    };
  }

  /** A failed connection is not cached, so the next call tries again. */
  #connected(): Promise<Ec2> {
    this.#ec2 ??= (this.parts.connect ?? (() => connectByDefault(this.#tools.clock, this.parts.region)))();
    this.#ec2.catch(() => (this.#ec2 = undefined));
    return this.#ec2;
  }
}

/** The region of the SDK's default chain. Throws AWS_NO_REGION. */
export async function defaultRegion(): Promise<string> {
  const ec2 = await connectByDefault(systemClock, undefined);
  ec2.close();
  return ec2.region;
}

async function connectByDefault(clock: Clock, region: string | undefined): Promise<Ec2> {
  const { connectEc2 } = await import('./api/sdk.ts');
  return connectEc2(clock, region ? { region } : {});
}
