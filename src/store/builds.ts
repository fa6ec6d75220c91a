import { label } from '#labels.ts';
import type { ConfigObject } from '#engine';
import type { SwarmObjects } from './objects.ts';
import { dataOf, recordOf, withRecord } from './objects.ts';
import type { BuildRecord, BuildStatus } from './records.ts';
import type { StoredBuild } from './store.ts';

export class SwarmBuilds {
  constructor(private readonly objects: SwarmObjects) {}

  async list(app: string): Promise<StoredBuild[]> {
    const objects = await this.objects.list('build', { [label.app]: app });
    return objects.map(toBuild).sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
  }

  async find(app: string, id: string): Promise<StoredBuild | undefined> {
    const object = await this.objects.find('build', id);
    const build = object && toBuild(object);
    return build?.record.app === app ? build : undefined;
  }

  async create(record: BuildRecord, status: BuildStatus): Promise<void> {
    const labels = { [label.app]: record.app };
    await this.objects.create('build', record.id, { labels, record: status, data: record });
  }

  async setStatus(_app: string, id: string, status: BuildStatus): Promise<void> {
    await this.objects.update('build', id, () => ({ labels: withRecord(status), result: true }));
  }

  async remove(_app: string, id: string): Promise<void> {
    await this.objects.remove('build', id);
  }
}

function toBuild(object: ConfigObject): StoredBuild {
  return { record: dataOf<BuildRecord>(object), status: recordOf<BuildStatus>(object) };
}
