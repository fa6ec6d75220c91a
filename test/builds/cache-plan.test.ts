import { expect } from 'chai';
import { cacheLimit, observeCaches, planEviction } from '../../src/builds/cache/cache-plan.ts';
import type { BuildCache } from '../../src/builds/cache/cache-plan.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const GiB = 1024 ** 3;
const cache = (app: string, bytes: number, usedAt: number): BuildCache => ({ app, bytes, usedAt });
const evicted = (caches: BuildCache[], limit: number, building: string[] = []): string[] =>
  planEviction(caches, limit, (app) => building.includes(app)).map(({ app }) => app);

describe('eviction of build caches', () => {
  it('takes who has not built for longest, and no more than has to go', () => {
    const caches = [cache('new', 4, 30), cache('old', 4, 10), cache('older', 3, 5)];
    expect(evicted(caches, 11)).to.deep.equal([]);
    expect(evicted(caches, 10)).to.deep.equal(['older']);
    expect(evicted(caches, 5)).to.deep.equal(['older', 'old']);
    expect(evicted(caches, 0)).to.deep.equal(['older', 'old', 'new']);
  });

  it('takes it from one app with more than a quarter of all, before others that have not built for longer', () => {
    const caches = [cache('small', 10, 1), cache('large', 60, 9), cache('larger', 50, 5), cache('gone', 1, 0)];
    expect(evicted(caches, 100)).to.deep.equal(['gone', 'larger']);
    expect(evicted(caches, 100, ['larger'])).to.deep.equal(['gone', 'large']);
    expect(evicted(caches, 200)).to.deep.equal([]);
  });

  it('takes apps that are gone first, none that is building, and none that is empty', () => {
    expect(evicted([cache('here', 5, 1), cache('gone', 5, 0)], 5)).to.deep.equal(['gone']);
    expect(
      evicted([cache('building', 9, 1), cache('empty', 0, 2), cache('idle', 1, 3)], 5, ['building']),
    ).to.deep.equal(['idle']);
  });

  it('allows a fifth of the disk, within reason', () => {
    expect(cacheLimit(100 * GiB)).to.equal(20 * GiB);
    expect(cacheLimit(4 * GiB)).to.equal(2 * GiB);
    expect(cacheLimit(4000 * GiB)).to.equal(50 * GiB);
  });

  it("counts an app's caches together and nobody else's volumes", async () => {
    const engine = new FakeEngine();
    const volume = async (name: string, bytes: number, labels: Record<string, string>): Promise<void> => {
      await engine.createVolume({ name, labels });
      engine.volumeSizes.set(name, bytes);
    };
    await volume('a', 5, { 'mothership.kind': 'build-cache', 'mothership.app': 'shop' });
    await volume('b', 2, { 'mothership.kind': 'build-cache', 'mothership.app': 'shop.test' });
    await volume('c', 9, { 'mothership.kind': 'other', 'mothership.app': 'shop' });
    expect(await observeCaches(engine, async () => 7)).to.deep.equal([{ app: 'shop', bytes: 7, usedAt: 7 }]);
  });
});
