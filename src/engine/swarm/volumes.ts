import { at, type Connection } from '../connection/connection.ts';
import type { LabelFilter, Labels, VolumeInfo } from '../engine.ts';
import { filters } from './names.ts';

interface VolumeJson {
  readonly Name: string;
  readonly Labels?: Labels | null;
  /** -1 if the driver does not report it. */
  readonly UsageData?: { readonly Size: number } | null;
}

export class Volumes {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  async list(filter: LabelFilter): Promise<VolumeInfo[]> {
    const { Volumes: all } = await this.#engine.call<{ Volumes?: VolumeJson[] | null }>({
      path: '/volumes',
      query: filters(filter),
      action: 'list volumes',
    });
    return (all ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
  }

  /** `docker system df`, limited to volumes where the engine supports it (since 23). */
  async measure(filter: LabelFilter): Promise<VolumeInfo[]> {
    const [wanted, { Volumes: all }] = await Promise.all([
      this.list(filter),
      this.#engine.call<{ Volumes?: VolumeJson[] | null }>({
        path: '/system/df',
        query: { type: 'volume' },
        action: 'measure volumes',
      }),
    ]);
    const sizes = new Map((all ?? []).map((volume) => [volume.Name, volume.UsageData?.Size ?? -1]));
    return wanted.map((volume) => {
      const sizeBytes = sizes.get(volume.name) ?? -1;
      return sizeBytes < 0 ? volume : { ...volume, sizeBytes };
    });
  }

  /** Does nothing if the volume exists. */
  async create(options: { name: string; labels: Labels }): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: '/volumes/create',
      body: { Name: options.name, Labels: options.labels },
      action: `create volume ${options.name}`,
    });
  }

  async remove(name: string): Promise<void> {
    await this.#engine.find({ method: 'DELETE', path: at`/volumes/${name}`, action: `remove volume ${name}` });
  }
}
