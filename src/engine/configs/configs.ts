import type { LabelFilter, Labels } from '../connection/labels.ts';

/** A Swarm config or secret: immutable data, with labels guarded by `version`. */
export interface ConfigObject {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly labels: Labels;
  readonly data: Buffer;
  readonly createdAt: string;
}

/** Swarm configs: immutable data with labels guarded by a version. */
export interface Configs {
  /** With a name prefix, Swarm does not scan all configs. */
  configs(filter: LabelFilter, namePrefix?: string): Promise<ConfigObject[]>;
  config(nameOrId: string): Promise<ConfigObject | undefined>;
  createConfig(object: { name: string; labels: Labels; data: Buffer }): Promise<string>;
  updateConfigLabels(id: string, version: number, labels: Labels): Promise<void>;
  removeConfig(nameOrId: string): Promise<void>;
}

/** Swarm secrets; only tasks can read their data. */
export interface Secrets {
  secrets(filter: LabelFilter): Promise<{ id: string; name: string; labels: Labels }[]>;
  createSecret(object: { name: string; labels: Labels; data: Buffer }): Promise<string>;
  removeSecret(nameOrId: string): Promise<void>;
}
