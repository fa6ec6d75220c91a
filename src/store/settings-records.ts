import { fail } from '#errors';
import { recordOf, withRecord, type SwarmObjects } from './objects.ts';
import type { BuildSettingsRecord } from './records.ts';

const KEY = 'builds';
const NONE: BuildSettingsRecord = { env: {} };

export class SwarmSettings {
  constructor(private readonly objects: SwarmObjects) {}

  async builds(): Promise<BuildSettingsRecord> {
    const object = await this.objects.find('settings', KEY);
    return object ? recordOf<BuildSettingsRecord>(object) : NONE;
  }

  async updateBuilds(change: (record: BuildSettingsRecord) => BuildSettingsRecord): Promise<BuildSettingsRecord> {
    if (!(await this.objects.find('settings', KEY))) {
      const first = change(NONE);
      if (await this.objects.create('settings', KEY, { record: first })) return first;
    }
    const changed = await this.objects.update('settings', KEY, (object) => {
      const record = change(recordOf<BuildSettingsRecord>(object));
      return { labels: withRecord(record), result: record };
    });
    if (!changed) throw fail('CONFLICT', { what: 'The build settings' });
    return changed;
  }
}
