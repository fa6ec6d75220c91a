import { at, type Connection } from '../connection/connection.ts';
import { filters, type LabelFilter, type Labels } from '../connection/labels.ts';
import type { VolumeInfo, Volumes } from './volumes.ts';

interface VolumeJson {
  readonly Name: string;
  readonly Labels?: Labels | null;
  /** -1 if the driver does not report it. */
  readonly UsageData?: { readonly Size: number } | null;
}

export class DockerVolumes implements Volumes {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  volumes: Volumes['volumes'] = (filter, { sizes } = {}) => (sizes ? this.#measure(filter) : this.#list(filter));

  async #list(filter: LabelFilter): Promise<VolumeInfo[]> {
    const { Volumes: all } = await this.#engine.call<{ Volumes?: VolumeJson[] | null }>({
      path: '/volumes',
      query: filters(filter),
      action: 'list volumes',
    });
    return (all ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
  }

  /** `docker system df`, limited to volumes where the engine supports it (since 23). */
  async #measure(filter: LabelFilter): Promise<VolumeInfo[]> {
    const [wanted, { Volumes: all }] = await Promise.all([
      this.#list(filter),
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

  createVolume: Volumes['createVolume'] = async ({ name, labels }) => {
    await this.#engine.call({
      method: 'POST',
      path: '/volumes/create',
      body: { Name: name, Labels: labels },
      action: `create volume ${name}`,
    });
  };

  removeVolume: Volumes['removeVolume'] = async (name) => {
    await this.#engine.find({ method: 'DELETE', path: at`/volumes/${name}`, action: `remove volume ${name}` });
  };
}
