import type { LabelFilter, Labels } from '../connection/labels.ts';

export interface VolumeInfo {
  readonly name: string;
  readonly labels: Labels;
  readonly sizeBytes?: number;
}

export interface Volumes {
  /** With `sizes`, the engine measures them, which takes time; some drivers report no size. */
  volumes(filter: LabelFilter, options?: { sizes?: boolean }): Promise<VolumeInfo[]>;
  /** Does nothing if the volume exists. */
  createVolume(options: { name: string; labels: Labels }): Promise<void>;
  removeVolume(name: string): Promise<void>;
}
