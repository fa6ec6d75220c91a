interface Wanted {
  readonly managers: number;
  readonly workers: number;
  readonly zones: readonly string[];
}

/** Hosts that are there, each `user@address[:port][=zone]`; the first ones are the managers. */
export interface SshSource extends Wanted {
  readonly provider: 'ssh';
  readonly hosts: readonly string[];
  /** Files of private keys. */
  readonly keys: readonly string[];
  readonly bastion?: string;
}

export interface AwsSource extends Wanted {
  readonly provider: 'aws';
  readonly region?: string;
  readonly instanceType: string;
  readonly diskGb: number;
  readonly vpc?: string;
  /** Who reaches port 22. */
  readonly adminCidrs: readonly string[];
  readonly elasticAddresses: boolean;
  readonly keys: readonly string[];
  /** One line of OpenSSH's form. */
  readonly publicKey: string;
}

/** This machine, and containers on it that stand for more. */
export interface PracticeSource extends Wanted {
  readonly provider: 'local';
}

/** Where a cluster's machines come from: what their provider has to be told to find them again. Holds no secret. */
export type MachineSource = SshSource | AwsSource | PracticeSource;
