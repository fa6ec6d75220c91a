import type { Event } from '../../../src/events/index.ts';
import { AwsProvider } from '../../../src/provision/aws/index.ts';
import type { Ec2 } from '../../../src/provision/aws/api/ec2.ts';
import type { Ec2Action, Ec2Input, Ec2Output } from '../../../src/provision/aws/api/commands.ts';
import { connectEc2 } from '../../../src/provision/aws/api/sdk.ts';
import type { AwsSettings } from '../../../src/provision/aws/aws-types.ts';
import { LocalMachine } from '../../../src/provision/local/local-machine.ts';
import type { MachineRequest } from '../../../src/provision/provider.ts';
import type { Clock } from '../../../src/events/index.ts';
import type { Ec2Endpoint } from '../../lab/ec2/index.ts';

export const PUBLIC_KEY = `ssh-ed25519 ${'A'.repeat(66)}ab ann@laptop`;

export const REQUEST: MachineRequest = { cluster: 'edge', managers: 3, workers: 2, zones: [] };

export const SETTINGS: AwsSettings = {
  managerType: 't3.medium',
  workerType: 't3.medium',
  diskGb: 40,
  adminCidrs: ['198.51.100.7/32'],
  elasticAddresses: false,
  publicKey: PUBLIC_KEY,
};

/** Hours pass in no time. */
export class FastClock implements Clock {
  #now = Date.now();

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    await new Promise(setImmediate);
  }
}

export function connectTo(endpoint: Ec2Endpoint, clock: Clock = new FastClock()): Promise<Ec2> {
  const { accessKeyId, secretAccessKey, region } = endpoint.account;
  return connectEc2(clock, { region, endpoint: endpoint.url, credentials: { accessKeyId, secretAccessKey } });
}

export interface Parts {
  settings?: Partial<AwsSettings>;
  wrap?: (ec2: Ec2) => Ec2;
  notify?: (event: Event) => void;
}

export function providerFor(
  endpoint: Ec2Endpoint,
  { settings = {}, wrap = (ec2) => ec2, notify }: Parts = {},
): AwsProvider {
  const clock = new FastClock();
  return new AwsProvider(
    { ...SETTINGS, ...settings },
    {
      clock,
      connect: async () => wrap(await connectTo(endpoint, clock)),
      ...(notify ? { notify } : {}),
      reach: (address) => ({ machine: new LocalMachine(), engine: { host: address, port: 2375 } }),
    },
  );
}

export class Killed extends Error {}

/** A client whose program dies once `calls` calls were made: `before` the last one reaches EC2, or `after`, without its answer. */
export class Mortal implements Ec2 {
  #made = 0;

  constructor(
    private readonly ec2: Ec2,
    private readonly calls: number,
    private readonly moment: 'before' | 'after',
  ) {}

  get region(): string {
    return this.ec2.region;
  }

  async call<A extends Ec2Action>(action: A, input: Ec2Input<A>): Promise<Ec2Output<A>> {
    this.#made += 1;
    if (this.#made > this.calls || (this.#made === this.calls && this.moment === 'before')) throw new Killed();
    const answer = await this.ec2.call(action, input);
    if (this.#made >= this.calls) throw new Killed();
    return answer;
  }

  close(): void {
    this.ec2.close();
  }
}
