import { expect } from 'chai';
import { caller, rejection, World } from '../platform/world.ts';

describe('buildpacks of an app', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const names = async (): Promise<string[]> => (await world.platform.buildpacks.list('shop')).map(({ name }) => name);

  it('are kept, in the order in which they run, and lost to none that adds one at the same moment', async () => {
    await world.platform.apps.create({ name: 'shop', buildpacks: ['apt'] }, caller);
    const added = Array.from({ length: 10 }, (_, i) => `https://example.com/b${i}`);
    await Promise.all(
      added.map((buildpack) => world.platform.buildpacks.update('shop', { action: 'add', buildpack }, caller)),
    );
    expect((await names())[0]).to.equal('apt');
    expect((await names()).sort()).to.deep.equal(['apt', ...added]);
    await world.platform.buildpacks.update('shop', { action: 'clear' }, caller);
    expect(await names()).to.deep.equal([]);
  });

  it('say where they come from and what the newest good build used', async () => {
    await world.platform.apps.create(
      { name: 'shop', buildpacks: ['heroku/nodejs', 'https://example.com/b#v1'] },
      caller,
    );
    const build = {
      id: 'b1',
      app: 'shop',
      by: 'ada',
      createdAt: '2026-01-01T00:00:00Z',
      ref: null,
      stack: 'debian-13',
      operation: 'o',
    };
    await world.store.builds.create(build, {
      status: 'succeeded',
      kind: 'buildpacks',
      buildpacks: ['nodejs 1.0.0', 'https://example.com/b#v1 abc'],
    });
    expect(await world.platform.buildpacks.list('shop')).to.deep.equal([
      {
        position: 1,
        name: 'heroku/nodejs',
        kind: 'stack',
        url: 'https://github.com/heroku/heroku-buildpack-nodejs',
        ref: null,
        version: '1.0.0',
      },
      {
        position: 2,
        name: 'https://example.com/b#v1',
        kind: 'git',
        url: 'https://example.com/b',
        ref: 'v1',
        version: 'abc',
      },
    ]);
  });

  it('are refused before anything is made of them', async () => {
    expect(await rejection(world.platform.apps.create({ name: 'shop', buildpacks: ['urn:x'] }, caller))).to.equal(
      'BUILDPACK_INVALID',
    );
    expect(await world.platform.apps.list()).to.deep.equal([]);
    expect(await rejection(world.platform.buildpacks.list('shop'))).to.equal('APP_NOT_FOUND');
  });
});
