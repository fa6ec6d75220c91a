import type { LabelFilter, Labels } from '../connection/labels.ts';

export interface NetworkInfo {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly labels: Labels;
}

export interface NetworkOptions {
  readonly name: string;
  readonly driver: 'overlay' | 'bridge';
  readonly labels: Labels;
  readonly attachable?: boolean;
  /** CIDR; chosen by the engine if omitted. */
  readonly subnet?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export interface Networks {
  networks(filter: LabelFilter): Promise<NetworkInfo[]>;
  network(nameOrId: string): Promise<NetworkInfo | undefined>;
  createNetwork(options: NetworkOptions): Promise<string>;
  removeNetwork(nameOrId: string): Promise<void>;
}
