import { label } from '#labels.ts';
import type { ConfigObject } from '#engine';
import type { SwarmObjects } from './objects.ts';
import { dataOf, recordOf, withRecord } from './objects.ts';
import type { ReleaseRecord, ReleaseStatus } from './records.ts';
import type { StoredRelease } from './store.ts';

export class SwarmReleases {
  constructor(private readonly objects: SwarmObjects) {}

  async list(app: string): Promise<StoredRelease[]> {
    const objects = await this.objects.list('release', { [label.app]: app }, `${app}-`);
    return objects.map(toRelease).sort((a, b) => b.record.version - a.record.version);
  }

  async find(app: string, version: number): Promise<StoredRelease | undefined> {
    const object = await this.objects.find('release', key(app, version));
    return object && toRelease(object);
  }

  async create(record: ReleaseRecord, status: ReleaseStatus = { status: 'pending' }): Promise<void> {
    const labels = { [label.app]: record.app };
    await this.objects.create('release', key(record.app, record.version), { labels, record: status, data: record });
  }

  async setStatus(app: string, version: number, status: ReleaseStatus): Promise<void> {
    await this.objects.update('release', key(app, version), () => ({ labels: withRecord(status), result: true }));
  }

  async remove(app: string, version: number): Promise<void> {
    await this.objects.remove('release', key(app, version));
  }
}

function toRelease(object: ConfigObject): StoredRelease {
  return { record: dataOf<ReleaseRecord>(object), status: recordOf<ReleaseStatus>(object) };
}

function key(app: string, version: number): string {
  return `${app}-${version}`;
}
