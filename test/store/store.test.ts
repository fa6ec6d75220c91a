import { expect } from 'chai';
import { SwarmStore, type AppRecord, type ReleaseRecord } from '../../src/store/index.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

function app(id: string, changes: Partial<AppRecord> = {}): AppRecord {
  return {
    id,
    name: id,
    stack: 'debian-13',
    createdAt: '2026-01-01T00:00:00.000Z',
    maintenance: false,
    domains: [],
    buildpacks: [],
    formation: {
      web: { quantity: 2, memoryBytes: 512 * 1024 ** 2, cpus: 1 },
      worker: { quantity: 1, memoryBytes: 512 * 1024 ** 2, cpus: 1 },
    },
    lastRelease: 0,
    ...changes,
  };
}

function release(appId: string, version: number): ReleaseRecord {
  return {
    app: appId,
    version,
    createdAt: '2026-01-01T00:00:00.000Z',
    by: 'ada@example.com',
    description: 'Deploy 1a2b3c4',
    image: `sha256:${'a'.repeat(64)}`,
    build: 'f'.repeat(16),
    ref: '1a2b3c4',
    kind: 'buildpacks',
    stack: 'debian-13',
    config: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`CONFIG_VAR_${i}`, 'x'.repeat(48)])),
    processTypes: { web: 'node server.js', worker: 'node worker.js' },
  };
}

describe('the store in Swarm configs', () => {
  let engine: FakeEngine;
  let store: SwarmStore;

  beforeEach(() => {
    engine = new FakeEngine();
    store = new SwarmStore(engine);
  });

  it('loses no update when many writers change one app', async () => {
    await store.apps.create(app('shop'));
    const one = () => store.apps.update('shop', (record) => ({ ...record, lastRelease: record.lastRelease + 1 }));
    const answers = await Promise.all(Array.from({ length: 15 }, one));
    expect(new Set(answers.map((record) => record.lastRelease)).size).to.equal(15);
    expect((await store.apps.get('shop')).lastRelease).to.equal(15);
  });

  it('gives a name to one app only', async () => {
    await store.apps.create(app('shop'));
    const second = await store.apps.create(app('shop')).then(
      () => 'created',
      (error: { code: string }) => error.code,
    );
    expect(second).to.equal('APP_EXISTS');
  });

  it('finds a renamed app by its new name and not by its old one', async () => {
    await store.apps.create(app('shop'));
    await store.apps.update('shop', (record) => ({ ...record, name: 'store' }));
    expect((await store.apps.find('store'))?.id).to.equal('shop');
    expect(await store.apps.find('shop')).to.equal(undefined);
  });

  it('refuses to change what is gone, and lets a change refuse', async () => {
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    expect(await code(store.apps.update('nope', (record) => record))).to.equal('APP_NOT_FOUND');
    await store.apps.create(app('shop'));
    const refusing = store.apps.update('shop', () => {
      throw new RangeError('no');
    });
    expect(await refusing.catch((error: Error) => error.message)).to.equal('no');
  });

  it('keeps releases whole and lists them newest first', async () => {
    for (const version of [1, 2, 10]) await store.releases.create(release('shop', version));
    await store.releases.setStatus('shop', 10, { status: 'failed', error: 'because' });
    const list = await store.releases.list('shop');
    expect(list.map(({ record }) => record.version)).to.deep.equal([10, 2, 1]);
    expect(list[0]).to.deep.equal({ record: release('shop', 10), status: { status: 'failed', error: 'because' } });
    expect((await store.releases.find('shop', 2))?.status).to.deep.equal({ status: 'pending' });
  });

  it('holds 500 apps with 20 releases each in less than 20 MB, and an app in less than 10 KB of labels', async () => {
    await store.apps.create(
      app('shop', {
        domains: Array.from({ length: 100 }, (_, i) => `customer-${i}.shop.example.com`),
        lastRelease: 20,
      }),
    );
    await store.releases.create(release('shop', 1));
    const bytes = async (kind: string): Promise<number> => {
      const [object] = await engine.configs({ 'mothership.kind': kind });
      return object!.data.length + Buffer.byteLength(JSON.stringify(object!.labels)) + object!.name.length;
    };
    expect(await bytes('app')).to.be.below(10_000);
    expect(500 * (await bytes('app')) + 500 * 20 * (await bytes('release'))).to.be.below(20_000_000);
  });
});
