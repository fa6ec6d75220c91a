import type { Backend } from './backend.ts';
import { Ec2Fault } from './fault.ts';

export type Tags = Record<string, string>;

export interface LabInstance {
  id: string;
  state: 'pending' | 'running' | 'stopped' | 'shutting-down' | 'terminated';
  reason?: string;
  token: string;
  /** What the token was used for first. */
  tokenUse: string;
  zone: string;
  subnet: string;
  type: string;
  image: string;
  key: string;
  groups: string[];
  tags: Tags;
  privateIp: string;
  publicIp: string;
  launched: Date;
  volume: string;
  metadata: { tokens: string; hopLimit: string };
  protected: boolean;
  /** Settled by the backend: the host is up, or it is gone. */
  ready: boolean;
}

export interface LabRule {
  protocol: string;
  from?: number;
  to?: number;
  cidr?: string;
  cidr6?: string;
  group?: string;
}
export interface LabGroup {
  id: string;
  name: string;
  vpc: string;
  description: string;
  rules: LabRule[];
  tags: Tags;
}
export interface LabKey {
  id: string;
  name: string;
  publicKey: string;
  tags: Tags;
}
export interface LabAddress {
  id: string;
  ip: string;
  instance?: string;
  tags: Tags;
}
export interface LabVolume {
  id: string;
  size: number;
  type: string;
  encrypted: boolean;
  instance?: string;
  deleteOnTermination: boolean;
  tags: Tags;
}
export interface LabImage {
  id: string;
  name: string;
  owner: string;
  architecture: string;
  created: string;
}
export interface LabSubnet {
  id: string;
  vpc: string;
  zone: string;
  isDefault: boolean;
}
export interface LabType {
  architecture: string;
  zones: string[];
}

const DEBIAN = '136693071363';

/** Everything the account has in one region. */
export class World {
  readonly instances: LabInstance[] = [];
  readonly groups: LabGroup[] = [];
  readonly keys: LabKey[] = [];
  readonly addresses: LabAddress[] = [];
  readonly volumes: LabVolume[] = [];
  readonly vpcs = [
    { id: 'vpc-0default', isDefault: true },
    { id: 'vpc-0own', isDefault: false },
  ];
  readonly zones: string[];
  readonly subnets: LabSubnet[];
  readonly types: Record<string, LabType>;
  readonly images: LabImage[] = [
    {
      id: 'ami-0old',
      name: 'debian-13-amd64-20250806-2196',
      owner: DEBIAN,
      architecture: 'x86_64',
      created: '2025-08-06T10:00:00.000Z',
    },
    {
      id: 'ami-0new',
      name: 'debian-13-amd64-20251006-2257',
      owner: DEBIAN,
      architecture: 'x86_64',
      created: '2025-10-06T10:00:00.000Z',
    },
    {
      id: 'ami-0arm',
      name: 'debian-13-arm64-20251006-2257',
      owner: DEBIAN,
      architecture: 'arm64',
      created: '2025-10-06T10:00:00.000Z',
    },
    {
      id: 'ami-0twelve',
      name: 'debian-12-amd64-20251112-2294',
      owner: DEBIAN,
      architecture: 'x86_64',
      created: '2025-11-12T10:00:00.000Z',
    },
    {
      id: 'ami-0impostor',
      name: 'debian-13-amd64-20991231-0000',
      owner: '666666666666',
      architecture: 'x86_64',
      created: '2025-11-20T10:00:00.000Z',
    },
  ];
  /** Machines a page of DescribeInstances. */
  pageSize = 1_000;
  /** How many calls do not see a new thing yet. */
  delay = 0;
  /** How many more attempts to delete a group meet the network interfaces of machines that ended. */
  interfaceLag = 0;
  readonly #unseen = new Map<string, number>();
  #next = 0;

  constructor(
    readonly region: string,
    readonly backend: Backend,
  ) {
    this.zones = ['a', 'b', 'c', 'd'].map((letter) => `${region}${letter}`);
    const [a = '', b = '', c = '', d = ''] = this.zones;
    const inDefault = this.zones.map((zone, at): LabSubnet => ({
      id: `subnet-0default${at}`,
      vpc: 'vpc-0default',
      zone,
      isDefault: true,
    }));
    this.subnets = [
      ...inDefault,
      ...[a, b].map((zone, at) => ({ id: `subnet-0own${at}`, vpc: 'vpc-0own', zone, isDefault: false })),
    ];
    this.types = {
      't3.medium': { architecture: 'x86_64', zones: [a, b, c, d] },
      't3.large': { architecture: 'x86_64', zones: [a, b, c, d] },
      't4g.medium': { architecture: 'arm64', zones: [a, b, c] },
      'm7i.large': { architecture: 'x86_64', zones: [b, c] },
      'u7i.huge': { architecture: 'x86_64', zones: [a, b, c] },
    };
  }

  id(prefix: string): string {
    this.#next += 1;
    return `${prefix}-0${this.#next.toString(16).padStart(8, '0')}`;
  }

  /** A new thing's id, which calls see only after the delay. */
  fresh(prefix: string): string {
    const id = this.id(prefix);
    if (this.delay > 0) this.#unseen.set(id, this.delay);
    return id;
  }

  /** Whether this call sees it; each look brings the moment nearer. */
  sees(id: string): boolean {
    const left = this.#unseen.get(id);
    if (left === undefined) return true;
    if (left <= 1) this.#unseen.delete(id);
    else this.#unseen.set(id, left - 1);
    return false;
  }

  /** The one of the list with this id, or EC2's error for a thing that is not there (or not seen yet). */
  find<T extends { id: string }>(all: readonly T[], id: string | undefined, code: string): T {
    const found = all.find((each) => each.id === id);
    if (!found || !this.sees(found.id)) throw new Ec2Fault(code, `The ID '${id}' does not exist`);
    return found;
  }

  /** Ids and names of all that costs or clutters: empty after a destroy. */
  inventory(): Record<'instances' | 'volumes' | 'addresses' | 'groups' | 'keys', string[]> {
    const name = (each: { id: string; tags: Tags }): string => each.tags.Name ?? each.id;
    return {
      instances: this.instances
        .filter(({ state }) => state !== 'terminated')
        .map(name)
        .sort(),
      volumes: this.volumes.map(name).sort(),
      addresses: this.addresses.map(name).sort(),
      groups: this.groups.map((each) => each.name).sort(),
      keys: this.keys.map((each) => each.name).sort(),
    };
  }
}
