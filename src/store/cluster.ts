import { recordOf, withRecord, type SwarmObjects } from './objects.ts';
import type { ClusterRecord } from './records.ts';

const KEY = 'settings';

export class SwarmCluster {
  constructor(private readonly objects: SwarmObjects) {}

  async get(): Promise<ClusterRecord | undefined> {
    const object = await this.objects.find('cluster', KEY);
    return object && recordOf<ClusterRecord>(object);
  }

  async put(record: ClusterRecord): Promise<void> {
    if (await this.objects.create('cluster', KEY, { record })) return;
    await this.objects.update('cluster', KEY, () => ({ labels: withRecord(record), result: true }));
  }
}
