import { expect } from 'chai';
import { Readable } from 'node:stream';
import { Builders } from '../../src/builds/queue/builders.ts';
import { buildLimits, npmRegistryOf } from '../../src/builds/build-input.ts';
import { limitsFrom } from '../../src/builds/settings.ts';
import { LocalEngines } from '../../src/nodes/engines/node-engines.ts';
import { bytesOf } from '../backup/sample.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

const GB = 1024 ** 3;

describe('what is set for the builds of all apps', () => {
  let world: World;
  const worlds: World[] = [];
  const create = async (): Promise<World> => {
    const made = await World.create({ nodes: [{ cpus: 4, memoryBytes: 16 * GB }] });
    worlds.push(made);
    return made;
  };
  beforeEach(async () => {
    world = await create();
  });
  afterEach(() => Promise.all(worlds.splice(0).map((each) => each.close())));

  const set = (changes: Parameters<World['platform']['buildSettings']['update']>[0], on = world) =>
    on.platform.buildSettings.update(changes, caller);

  it('is at first what Mothership has, and afterwards what was set, also for the next controller', async () => {
    expect(await world.platform.buildSettings.info())
      .to.include({ slots: null, cacheBytes: null, memoryBytes: 2 * GB, cpus: 2, diskBytes: 4 * GB, seconds: 900 })
      .and.deep.include({ env: {} });
    await set({ env: { GOPROXY: 'https://go.example.com' }, slots: 3, cacheBytes: 9 * GB, seconds: 60 });
    world.kill();
    await world.boot();
    expect(await world.platform.buildSettings.info()).to.deep.include({
      env: { GOPROXY: 'https://go.example.com' },
      slots: 3,
      cacheBytes: 9 * GB,
      seconds: 60,
      cpus: 2,
    });
    expect((await set({ env: { GOPROXY: null }, slots: null })).env).to.deep.equal({});
    expect(await rejection(set({ env: { GOPROXY: null } }))).to.equal('BUILD_SETTING_MISSING');
  });

  it('loses no change of several at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => set({ env: { [`V${n}`]: String(n) } })));
    expect(Object.keys((await world.platform.buildSettings.info()).env)).to.have.length(8);
  });

  it('says how many builds a builder takes at a time', async () => {
    const builders = new Builders({
      engines: new LocalEngines(world.engine),
      clock: world.clock,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      settings: () => world.store.settings.builds(),
      shared: false,
    });
    expect((await builders.ready())[0]!.slots).to.equal(2);
    await set({ slots: 4 });
    expect((await builders.ready())[0]!.slots).to.equal(4);
  });

  it("limits builds, where an app's config vars do not say otherwise", () => {
    const limits = limitsFrom({ env: {}, memoryBytes: 3 * GB, seconds: 60 });
    expect(buildLimits({}, limits)).to.include({ memoryBytes: 3 * GB, seconds: 60, diskBytes: 4 * GB });
    expect(buildLimits({ MOTHERSHIP_BUILD_MEMORY_MB: '512', MOTHERSHIP_BUILD_TIMEOUT: 'soon' }, limits)).to.include({
      memoryBytes: GB / 2,
      seconds: 60,
    });
  });

  it('names the npm registry instead of setup', () => {
    expect(npmRegistryOf({ npmRegistry: 'https://setup.example.com' } as never, { env: {} })).to.deep.equal({
      npmRegistry: 'https://setup.example.com',
    });
    expect(
      npmRegistryOf({ npmRegistry: 'https://setup.example.com' } as never, {
        env: { NPM_CONFIG_REGISTRY: 'https://npm.example.com' },
      }),
    ).to.deep.equal({ npmRegistry: 'https://npm.example.com' });
    expect(npmRegistryOf({} as never, { env: {} })).to.deep.equal({});
  });

  it('goes with a backup, and comes back where nothing else is set', async () => {
    await set({
      env: { GOPROXY: 'https://go.example.com', PIP_INDEX_URL: 'https://pip.example.com' },
      slots: 3,
      seconds: 60,
      registries: { '10.0.0.5:5000': true },
      registryLogins: { 'ghcr.io': { user: 'robot', password: 'hush' } },
    });
    const backup = await bytesOf(await world.platform.backup.create({ images: false }));
    const fresh = await create();
    const login = { 'quay.io': { user: 'other', password: 'hush' } };
    await set({ env: { GOPROXY: 'https://other.example.com' }, slots: 1, registryLogins: login }, fresh);
    const { ending } = await fresh.follow(
      await fresh.platform.backup.restore({ archive: Readable.from([backup]), options: {} }, caller),
    );
    expect(outcome(ending)).to.equal('done');
    const full = await create();
    await set({ env: { LONG: 'x'.repeat(7900) } }, full);
    const left = await full.follow(
      await full.platform.backup.restore({ archive: Readable.from([backup]), options: {} }, caller),
    );
    expect(outcome(left.ending)).to.equal('done');
    expect(left.events.some((event) => event.type === 'notice' && event.message.includes('were not changed'))).to.equal(
      true,
    );
    expect(Object.keys((await full.platform.buildSettings.info()).env)).to.deep.equal(['LONG']);
    expect(await fresh.platform.buildSettings.info()).to.deep.include({
      env: { GOPROXY: 'https://other.example.com', PIP_INDEX_URL: 'https://pip.example.com' },
      slots: 1,
      seconds: 60,
      registries: ['10.0.0.5:5000'],
      registryLogins: { 'ghcr.io': 'robot', 'quay.io': 'other' },
    });
  });
});
