import type { ConfigObject } from '#engine';
import { fail } from '#errors';
import { label } from '#labels.ts';
import type { SwarmObjects } from './objects.ts';
import { recordOf, withRecord } from './objects.ts';
import type { AppRecord } from './records.ts';

export class SwarmApps {
  constructor(private readonly objects: SwarmObjects) {}

  async list(): Promise<AppRecord[]> {
    const records = (await this.objects.list('app')).map((object) => recordOf<AppRecord>(object));
    return records.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** One lookup by name (1 ms); only if the app was renamed, all are searched. */
  async find(name: string): Promise<AppRecord | undefined> {
    const direct = await this.byId(name);
    if (direct?.name === name) return direct;
    const [renamed] = await this.objects.list('app', { [label.name]: name });
    return renamed && recordOf<AppRecord>(renamed);
  }

  async get(name: string): Promise<AppRecord> {
    const record = await this.find(name);
    if (!record) throw fail('APP_NOT_FOUND', { app: name });
    return record;
  }

  async byId(id: string): Promise<AppRecord | undefined> {
    const object = await this.objects.find('app', id);
    return object && recordOf<AppRecord>(object);
  }

  async create(record: AppRecord): Promise<void> {
    if (await this.find(record.name)) throw fail('APP_EXISTS', { app: record.name });
    const created = await this.objects.create('app', record.id, { labels: { [label.name]: record.name }, record });
    if (!created) throw fail('APP_EXISTS', { app: record.id });
  }

  async update(id: string, change: (record: AppRecord) => AppRecord): Promise<AppRecord> {
    const changed = await this.objects.update('app', id, (object: ConfigObject) => {
      const record = change(recordOf<AppRecord>(object));
      return { labels: { ...withRecord(record), [label.name]: record.name }, result: record };
    });
    if (!changed) throw fail('APP_NOT_FOUND', { app: id });
    return changed;
  }

  async remove(id: string): Promise<void> {
    await this.objects.remove('app', id);
  }
}
