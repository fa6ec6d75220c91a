import { dataOf, type SwarmObjects } from './objects.ts';
import type { TokenRecord } from './records.ts';

export class SwarmTokens {
  constructor(private readonly objects: SwarmObjects) {}

  async list(): Promise<TokenRecord[]> {
    const records = (await this.objects.list('token')).map((object) => dataOf<TokenRecord>(object));
    return records.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async find(id: string): Promise<TokenRecord | undefined> {
    const object = await this.objects.find('token', id);
    return object && dataOf<TokenRecord>(object);
  }

  async create(record: TokenRecord): Promise<void> {
    await this.objects.create('token', record.id, { data: record });
  }

  async remove(id: string): Promise<void> {
    await this.objects.remove('token', id);
  }
}
