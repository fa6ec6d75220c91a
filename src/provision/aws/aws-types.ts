import type { MachineRequest } from '../provider.ts';

export type Role = 'manager' | 'worker';

/** Amazon's part of a request; the rest applies to every provider. */
export interface AwsSettings {
  /** Instance type such as `t3.medium`; determines the image's architecture. */
  readonly managerType: string;
  readonly workerType: string;
  /** Size of each root disk in GB. */
  readonly diskGb: number;
  /** Defaults to the default VPC. */
  readonly vpc?: string;
  /** Who can reach port 22: `203.0.113.7/32`. */
  readonly adminCidrs: readonly string[];
  /** Managers get addresses that survive a stop and can be used in DNS. */
  readonly elasticAddresses: boolean;
  /** The operator's public key in OpenSSH format. */
  readonly publicKey: string;
}
export type AwsRequest = MachineRequest & AwsSettings;

/** `index` starts at 0 within the role; both determine the machine's name. */
export interface MachineSlot {
  readonly role: Role;
  readonly index: number;
}

export interface AwsMachine extends MachineSlot {
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

export interface AwsAddress extends MachineSlot {
  readonly id: string;
  readonly address: string;
  readonly machine?: string;
}

/** A rule of the security group: a port (none for a protocol without ports) and a source. */
export interface FirewallRule {
  /** `tcp`, `udp` or the number of an IP protocol. */
  readonly protocol: string;
  readonly port?: number;
  /** A CIDR, or members of the group itself. */
  readonly from: string | typeof GROUP;
}
export const GROUP = 'group';

export interface AwsGroup {
  readonly id: string;
  readonly vpc: string;
  readonly doors: readonly FirewallRule[];
}

/** The cluster's resources in this region, found by tag. */
export interface AwsEstate {
  /** Neither terminated nor terminating; oldest first. */
  readonly machines: readonly AwsMachine[];
  /** Terminated or terminating; EC2 shows them for an hour. */
  readonly ended: readonly AwsMachine[];
  readonly addresses: readonly AwsAddress[];
  readonly group?: AwsGroup;
  /** The key pair's public key in EC2. */
  readonly key?: { readonly name: string; readonly publicKey: string };
}

export interface AwsImage {
  readonly id: string;
  readonly rootDevice: string;
}

/** What the region offers for a request. */
export interface AwsOffer {
  readonly region: string;
  readonly vpc: string;
  /** A subnet by zone. */
  readonly subnets: Readonly<Record<string, string>>;
  /** Zones to spread machines over, and to fall back to when one is full. */
  readonly zones: readonly string[];
  readonly spareZones: readonly string[];
  /** The newest image by instance type. */
  readonly images: Readonly<Record<string, AwsImage>>;
}

export interface Observed {
  readonly estate: AwsEstate;
  readonly offer: AwsOffer;
}
