import type { MachineRequest } from '../provider.ts';

export type Role = 'manager' | 'worker';

/** What setup's flags say about Amazon; the rest of the request is every provider's. */
export interface AwsSettings {
  /** Instance types, as `t3.medium`; the type decides the image's architecture. */
  readonly managerType: string;
  readonly workerType: string;
  /** Size of each root disk in GB. */
  readonly diskGb: number;
  /** The default VPC when missing. */
  readonly vpc?: string;
  /** Who reaches port 22: `203.0.113.7/32`. */
  readonly adminCidrs: readonly string[];
  /** Managers get addresses that survive a stop, and that DNS may point at. */
  readonly elasticAddresses: boolean;
  /** The operator's public key, one line of OpenSSH's form. */
  readonly publicKey: string;
}
export type AwsRequest = MachineRequest & AwsSettings;

/** `index` counts from 0 in its role; with the role it names the machine. */
export interface Place {
  readonly role: Role;
  readonly index: number;
}

export interface AwsMachine extends Place {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly launched: number;
  readonly publicAddress?: string;
  readonly privateAddress?: string;
  /** Why it stopped or failed, in EC2's words. */
  readonly why?: string;
}

export interface AwsAddress extends Place {
  readonly id: string;
  readonly address: string;
  readonly machine?: string;
}

/** One door of the security group: a port (none for a protocol without ports) and who may come in. */
export interface Door {
  /** `tcp`, `udp` or the number of an IP protocol. */
  readonly protocol: string;
  readonly port?: number;
  /** A CIDR, or the group's own members. */
  readonly from: string | typeof GROUP;
}
export const GROUP = 'group';

export interface AwsGroup {
  readonly id: string;
  readonly vpc: string;
  readonly doors: readonly Door[];
}

/** What the cluster has in this region, found by tag. */
export interface AwsEstate {
  /** Neither terminated nor on the way there; oldest first. */
  readonly machines: readonly AwsMachine[];
  /** Terminated or on the way there: EC2 shows them for an hour. */
  readonly ended: readonly AwsMachine[];
  readonly addresses: readonly AwsAddress[];
  readonly group?: AwsGroup;
  /** The key pair's public key as EC2 keeps it. */
  readonly key?: { readonly name: string; readonly publicKey: string };
}

export interface AwsImage {
  readonly id: string;
  readonly rootDevice: string;
}

/** What the region has to offer to a request. */
export interface AwsOffer {
  readonly region: string;
  readonly vpc: string;
  /** A subnet by zone. */
  readonly subnets: Readonly<Record<string, string>>;
  /** Where machines are spread, and where else they may go when a zone is full. */
  readonly zones: readonly string[];
  readonly spareZones: readonly string[];
  /** The newest image by instance type. */
  readonly images: Readonly<Record<string, AwsImage>>;
}

export interface Observed {
  readonly estate: AwsEstate;
  readonly offer: AwsOffer;
}
