import { at, type Connection } from './connection.ts';
import type { LabelFilter, Labels } from './engine.ts';
import { filters } from './names.ts';

interface VolumeJson {
  readonly Name: string;
  readonly Labels?: Labels | null;
}

export class Volumes {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  async list(filter: LabelFilter): Promise<{ name: string; labels: Labels }[]> {
    const { Volumes: all } = await this.#engine.call<{ Volumes?: VolumeJson[] | null }>({
      path: '/volumes',
      query: filters(filter),
      action: 'list volumes',
    });
    return (all ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
  }

  /** Content with a volume of that name that is there already. */
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
