import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { extract, pack } from 'tar-stream';
import { caller, outcome, rejection, World } from '../platform/world.ts';

type Files = Readonly<Record<string, string>>;

async function tarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const out = pack();
  for (const [name, content] of Object.entries(files)) out.entry({ name, mtime: new Date(0) }, Buffer.from(content));
  out.finalize();
  return buffer(Readable.from(out));
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const BASE: Files = { 'etc/passwd': 'root', 'app/': '' };

describe('the stack of an app', function () {
  this.timeout(20_000);
  let world: World;
  /** What was unpacked over which image, in order. */
  let unpacked: { on: string; files: Record<string, string> }[];

  beforeEach(async () => {
    world = await World.create({}, { stacks: { 'debian-13': { buildImage: 'build', runImage: 'run-1' } } });
    for (const image of ['run-1', 'run-2'])
      world.engine.imageStore.add(image, { id: image, layers: [`sha256:${image}`], entrypoint: ['launch', image] });
    unpacked = [];
    const putArchive = world.engine.putArchive.bind(world.engine);
    world.engine.putArchive = async (id, path, tar) => {
      const content = await buffer(tar);
      const reading = extract();
      const files: Record<string, string> = {};
      Readable.from([content]).pipe(reading);
      for await (const entry of reading) files[entry.header.name] = (await buffer(entry)).toString();
      unpacked.push({ on: (await world.engine.container(id))!.image, files });
      return putArchive(id, path, Readable.from([content]));
    };
  });
  afterEach(() => world.close());

  /** An app that runs what buildpacks are said to have made, of these layers over its run image. */
  const run = async (name: string, layers: readonly Files[], runImage?: string): Promise<void> => {
    const { id } = await world.platform.apps.create({ name }, caller);
    const tars = await Promise.all([BASE, ...layers].map(tarOf));
    const image = world.engine.imageStore.add(`made-${name}`, { layers: tars.map((tar) => `sha256:${digestOf(tar)}`) });
    const saved = await tarOf({
      'oci-layout': '{}',
      ...Object.fromEntries(tars.map((tar) => [`blobs/sha256/${digestOf(tar)}`, tar])),
      'manifest.json': '[]',
    });
    const saveImages = world.engine.saveImages.bind(world.engine);
    world.engine.saveImages = (references) =>
      references[0] === image ? Promise.resolve(Readable.from([saved])) : saveImages(references);
    await world.store.releases.create({
      app: id,
      version: 1,
      createdAt: '2026-01-01T00:00:00Z',
      by: 'ada',
      description: 'Deploy',
      image,
      build: null,
      ref: 'abc',
      kind: 'buildpacks',
      stack: 'debian-13',
      config: { COLOUR: 'red' },
      processTypes: { web: 'node server.js' },
      ...(runImage ? { runImage } : {}),
    });
    await world.store.releases.setStatus(id, 1, { status: 'succeeded' });
    await world.store.apps.update(id, (record) => ({
      ...record,
      lastRelease: 1,
      live: { release: 1, incarnation: 1 },
    }));
    await world.follow(await world.platform.ps.restart(name, {}, caller));
  };
  const setUpAgain = async (runImage: string): Promise<void> =>
    world.store.cluster.put({
      ...(await world.store.cluster.get())!,
      stacks: { 'debian-13': { buildImage: 'build', runImage } },
    });

  it('is told, and whether it is behind', async () => {
    await run('shop', [{ 'app/server.js': '1' }], 'run-1');
    expect(await world.platform.stack.info('shop')).to.deep.equal({
      app: 'shop',
      stack: 'debian-13',
      runImage: 'run-1',
      current: 'run-1',
      behind: false,
    });
    await setUpAgain('run-2');
    expect(await world.platform.stack.info('shop')).to.include({ runImage: 'run-1', current: 'run-2', behind: true });
  });

  it('is updated by a release whose image has the same layers on the new run image', async () => {
    await run('shop', [{ 'app/node': 'binary' }, { 'app/server.js': '1' }], 'run-1');
    await setUpAgain('run-2');
    const { ending } = await world.follow(await world.platform.stack.update('shop', caller));
    expect(ending).to.deep.include({ type: 'done', result: { app: 'shop', release: 2, updated: true } });
    expect(unpacked.map(({ files }) => files)).to.deep.equal([{ 'app/node': 'binary' }, { 'app/server.js': '1' }]);
    expect(unpacked[0]!.on).to.equal('run-2');
    const release = (await world.store.releases.find((await world.store.apps.get('shop')).id, 2))!.record;
    expect(release).to.deep.include({
      runImage: 'run-2',
      ref: 'abc',
      config: { COLOUR: 'red' },
      description: 'Stack updated',
      processTypes: { web: 'node server.js' },
    });
    const image = (await world.engine.image(release.image!))!;
    expect(image.entrypoint).to.deep.equal(['launch', 'run-2']);
    expect(image.labels).to.include({
      'mothership.kind': 'app-image',
      'mothership.app': 'shop',
      'mothership.layer-of': '',
    });
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2': 1 });
    expect(
      (await world.engine.images({})).flatMap(({ tags }) => tags).filter((tag) => tag.includes('relay')),
    ).to.deep.equal([]);
    expect((await world.platform.stack.info('shop')).behind).to.equal(false);
  });

  it('makes no release where there is nothing newer', async () => {
    await run('shop', [{ 'app/server.js': '1' }], 'run-1');
    expect((await world.follow(await world.platform.stack.update('shop', caller))).ending).to.deep.include({
      result: { app: 'shop', release: 1, updated: false },
    });
    expect(await world.platform.releases.list('shop')).to.have.length(1);
  });

  it('comes back with a rollback, and stays over a change of config', async () => {
    await run('shop', [{ 'app/server.js': '1' }], 'run-1');
    await setUpAgain('run-2');
    await world.follow(await world.platform.stack.update('shop', caller));
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    expect((await world.platform.stack.info('shop')).runImage).to.equal('run-2');
    await world.follow(await world.platform.releases.rollback('shop', { version: 1 }, caller));
    expect((await world.platform.stack.info('shop')).runImage).to.equal('run-1');
  });

  it('is not updated for images that builds did not lay on it, nor where a layer removes files', async () => {
    await world.platform.apps.create({ name: 'other' }, caller);
    expect(await rejection(world.platform.stack.update('other', caller))).to.equal('APP_HAS_NO_RELEASE');
    await world.deploy('other', 'hello:1');
    expect(await rejection(world.platform.stack.update('other', caller))).to.equal('STACK_UPDATE_REFUSED');
    await run('odd', [{ 'app/.wh.gone': '' }], 'run-1');
    await setUpAgain('run-2');
    expect(outcome((await world.follow(await world.platform.stack.update('odd', caller))).ending)).to.equal(
      'STACK_UPDATE_REFUSED',
    );
    expect(world.served('odd.my.paas')).to.deep.equal({ 'odd/1.2': 1 });
  });

  it('of all apps is updated one after the other; one that does not come up serves on', async () => {
    await run('ant', [{ 'app/a': '1' }], 'run-1');
    await run('bee', [{ 'app/b': '1' }]);
    await run('cat', [{ 'app/c': '1' }], 'run-1');
    await setUpAgain('run-2');
    await world.platform.apps.create({ name: 'empty' }, caller);
    world.engine.script(/^bee_web_v2/, { state: 'failed', exitCode: 1 });
    const { ending, events } = await world.follow(await world.platform.stack.updateAll(caller));
    expect(outcome(ending)).to.equal('STACK_UPDATE_PARTIAL');
    expect(ending)
      .to.have.nested.property('error.message')
      .that.contains('Updated 2 apps; 1 failed')
      .and.contains('bee');
    expect(events.filter(({ type }) => type === 'phase')).to.deep.equal([]);
    const live = await Promise.all(
      ['ant', 'bee', 'cat'].map(async (app) => Object.keys(world.served(`${app}.my.paas`))),
    );
    expect(live).to.deep.equal([['ant/2'], ['bee/1.2'], ['cat/2']]);
  });
});
