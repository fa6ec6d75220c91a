interface MachineCounts {
  readonly managers: number;
  readonly workers: number;
  readonly zones: readonly string[];
}

/** Existing hosts, each `user@address[:port][=zone]`; the first ones are the managers. */
export interface SshSource extends MachineCounts {
  readonly provider: 'ssh';
  readonly hosts: readonly string[];
  /** Private key files. */
  readonly keys: readonly string[];
  readonly bastion?: string;
}

export interface AwsSource extends MachineCounts {
  readonly provider: 'aws';
  readonly region?: string;
  readonly instanceType: string;
  readonly diskGb: number;
  readonly vpc?: string;
  /** Who can reach port 22. */
  readonly adminCidrs: readonly string[];
  readonly elasticAddresses: boolean;
  readonly keys: readonly string[];
  /** In OpenSSH format. */
  readonly publicKey: string;
}

/** This machine, and containers on it that act as machines. */
export interface PracticeSource extends MachineCounts {
  readonly provider: 'local';
}

/** Where a cluster's machines come from: what their provider needs to find them again. Contains no secrets. */
export type MachineSource = SshSource | AwsSource | PracticeSource;
