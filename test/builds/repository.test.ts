import { expect } from 'chai';
import type { Query } from '../../src/api/index.ts';
import { archiveOf } from './archive-of.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

type Files = Parameters<typeof archiveOf>[0];

describe('apps of one repository', () => {
  let world: World;
  /** What the engine was given to build, by path. */
  let contexts: string[][];
  beforeEach(async () => {
    world = await World.create();
    for (const image of ['run', 'build']) world.engine.imageStore.add(image);
    contexts = [];
    world.engine.imageStore.builder = (context) => (contexts.push([...context.keys()].sort()), { lines: [] });
    for (const name of ['shop', 'blog']) {
      await world.platform.apps.create({ name }, caller);
      await world.platform.apps.update(name, { source: { root: `services/${name}/`, watch: ['libs'] } }, caller);
    }
  });
  afterEach(() => world.close());

  const files: Files = {
    'README.md': 'r',
    'libs/l.js': 'l',
    'services/shop/Dockerfile': 'FROM scratch\n',
    'services/shop/a.js': 'a',
    'services/blog/Dockerfile': 'FROM scratch\n',
  };
  const send = async (app: string, source: Files = files, options: Query<'buildsCreate'> = {}) =>
    world.follow(
      await world.platform.builds.create(
        app,
        { archive: archiveOf(source), options: { repository: true, ...options } },
        caller,
      ),
    );
  /** The release that came of it, and whether it is one that ran before. */
  const deploy = async (...args: Parameters<typeof send>): Promise<[unknown, unknown]> => {
    const { ending } = await send(...args);
    expect(outcome(ending)).to.equal('done');
    const result = ending.type === 'done' ? ending.result : {};
    return [result['release'], result['unchanged'] ?? false];
  };

  it('are built from their root and what they watch, and from nothing else', async () => {
    await deploy('shop');
    expect(contexts[0]).to.deep.equal(['.repository/libs/l.js', 'Dockerfile', 'a.js']);
    expect((await world.platform.apps.info('shop')).source).to.deep.equal({ root: 'services/shop', watch: ['libs'] });
  });

  it('get a release only when something of theirs has changed', async () => {
    expect(await deploy('shop')).to.deep.equal([1, false]);
    expect(await deploy('shop')).to.deep.equal([1, true]);
    const elsewhere = { ...files, 'README.md': 'new', 'services/blog/w.js': 'w' };
    expect(await deploy('shop', elsewhere)).to.deep.equal([1, true]);
    expect(await deploy('shop', { ...files, 'libs/l.js': 'new' })).to.deep.equal([2, false]);
    expect(contexts).to.have.length(2);
    expect(await world.platform.builds.list('shop')).to.have.length(2);
  });

  it('are told which release goes on, with its address', async () => {
    await deploy('shop');
    const { events, ending } = await send('shop');
    expect(events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))).to.deep.equal([
      "Nothing in shop's root or watch paths has changed: v1 keeps running. Use --force to deploy anyway.",
    ]);
    expect(ending.type === 'done' && ending.result).to.include({ app: 'shop', release: 1, url: 'http://shop.my.paas' });
  });

  it('are deployed all the same when that is asked for, or the cache is to be left out', async () => {
    await deploy('shop');
    expect(await deploy('shop', files, { force: true })).to.deep.equal([2, false]);
    expect(await deploy('shop', files, { clearCache: true })).to.deep.equal([3, false]);
  });

  it('are compared with what runs: a rollback, other buildpacks, a failed release or another Dockerfile make a difference', async () => {
    const changed = { ...files, 'services/shop/a.js': 'b', 'services/shop/Other': 'FROM scratch\n' };
    await deploy('shop');
    await deploy('shop', changed);
    await world.follow(await world.platform.releases.rollback('shop', { version: 1 }, caller));
    expect(await deploy('shop')).to.deep.equal([3, true]);
    expect(await deploy('shop', changed)).to.deep.equal([4, false]);
    expect(await deploy('shop', changed, { dockerfile: 'Other' })).to.deep.equal([5, false]);
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    expect(await deploy('shop', changed, { dockerfile: 'Other' })).to.deep.equal([6, true]);
    await world.platform.apps.update(
      'shop',
      { source: { root: 'services/shop', watch: ['libs', 'README.md'] } },
      caller,
    );
    expect(await deploy('shop', changed, { dockerfile: 'Other' })).to.deep.equal([7, false]);
  });

  it('are not left as they are while another deploy is on its way', async () => {
    await deploy('shop');
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    world.engine.box.waits = () => gate;
    const other = await world.platform.builds.create(
      'shop',
      { archive: archiveOf({ ...files, 'libs/l.js': 'new' }), options: { repository: true } },
      caller,
    );
    const back = deploy('shop');
    await world.until(async () => (await world.platform.builds.list('shop')).length === 3);
    expect((await world.platform.operations.info(other.id)).state).to.equal('running');
    open();
    expect(await back).to.deep.equal([3, false]);
  });

  it('can still be sent alone, and are then all of what is sent', async () => {
    const alone = { Dockerfile: 'FROM scratch\n', 'services/shop/x': 'x' };
    for (const release of [1, 2])
      expect(await deploy('shop', alone, { repository: false })).to.deep.equal([release, false]);
    expect(contexts[1]).to.deep.equal(['Dockerfile', 'services/shop/x']);
  });

  it('are refused without their root, before a build is begun', async () => {
    expect(await rejection(send('shop', { 'services/blog/Dockerfile': 'FROM scratch\n' }))).to.equal(
      'SOURCE_ROOT_MISSING',
    );
    expect(
      await rejection(
        send('shop', {
          'services/shop/Dockerfile': 'FROM scratch\n',
          'services/shop/up': { type: 'symlink', linkname: '../../../etc' },
        }),
      ),
    ).to.equal('ARCHIVE_INVALID');
    expect(await world.platform.builds.list('shop')).to.deep.equal([]);
    for (let n = 0; n < 6; n++) expect(await rejection(send('shop', {}))).to.equal('SOURCE_ROOT_MISSING');
    expect(await deploy('shop')).to.deep.equal([1, false]);
  });

  it('have a root that lies in the repository, or none', async () => {
    const set = (root: string, watch?: string[]) =>
      world.platform.apps.update('shop', { source: { root, ...(watch ? { watch } : {}) } }, caller);
    expect(await rejection(set('../other'))).to.equal('SOURCE_PATH_INVALID');
    expect(await rejection(set('services/shop', ['/etc']))).to.equal('SOURCE_PATH_INVALID');
    expect((await set('.')).source).to.equal(null);
    expect((await set('.', ['apps/web'])).source).to.deep.equal({ root: '.', watch: ['apps/web'] });
    await world.platform.apps.update('shop', { maintenance: true }, caller);
    expect((await world.platform.apps.info('shop')).source).to.deep.equal({ root: '.', watch: ['apps/web'] });
  });
});
