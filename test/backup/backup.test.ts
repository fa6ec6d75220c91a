import { expect } from 'chai';
import { Readable } from 'node:stream';
import { readBackup } from '../../src/backup/unpack.ts';
import { Secret } from '../../src/events/index.ts';
import { bytesOf, codeOf } from './sample.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

interface Restored {
  readonly apps: { app: string; outcome: string; release: number | null; withoutImage: number[]; detail: string }[];
  readonly tokens: string[];
  readonly certificate: string;
}

/** The bytes of a world's backup. */
async function save(world: World, images = true): Promise<Buffer> {
  return bytesOf(await world.platform.backup.create({ images }));
}

async function restore(world: World, backup: Buffer, options: object = {}): Promise<Restored> {
  const operation = await world.platform.backup.restore({ archive: Readable.from([backup]), options }, caller);
  const { ending } = await world.follow(operation);
  if (ending.type !== 'done') expect.fail(JSON.stringify(ending));
  return ending.result as unknown as Restored;
}

const refusal = (world: World, backup: Buffer, options: object = {}): Promise<string> =>
  rejection(world.platform.backup.restore({ archive: Readable.from([backup]), options }, caller));

describe('a backup of a cluster', function () {
  this.timeout(30_000);
  let old: World;
  let fresh: World;
  let token: string;
  let deployer: string;
  let backup: Buffer;

  before(async () => {
    old = await World.create();
    await old.platform.apps.create({ name: 'shop' }, caller);
    await old.deploy('shop', 'hello:1');
    await old.follow(await old.platform.config.update('shop', { set: { COLOUR: 'red' } }, caller));
    await old.deploy('shop', 'hello:2');
    await old.follow(await old.platform.formation.update('shop', { updates: [{ type: 'web', quantity: 3 }] }, caller));
    await old.platform.domains.add('shop', 'www.example.com', caller);
    await old.platform.apps.create({ name: 'bare' }, caller);
    await old.platform.apps.create({ name: 'settings' }, caller);
    await old.follow(await old.platform.config.update('settings', { set: { KEY: 'kept' } }, caller));
    await old.platform.apps.create({ name: 'blog' }, caller);
    await old.deploy('blog', 'hello:1');
    await old.platform.apps.update('blog', { maintenance: true }, caller);
    await old.platform.apps.update('blog', { source: { root: 'apps/blog', watch: ['libs'] } }, caller);
    token = (await old.platform.tokens.create({ user: 'bob' })).value;
    deployer = (await old.platform.tokens.create({ user: 'ci', deploy: 'shop' })).value;
    backup = await save(old);
  });
  after(() => old.close());
  beforeEach(async () => {
    fresh = await World.create({}, { name: 'fresh', domain: 'new.paas' });
  });
  afterEach(() => fresh.close());

  it('makes the same apps on an empty cluster of another domain, and they run', async () => {
    const { apps } = await restore(fresh, backup);
    expect(apps.map(({ app, outcome: how }) => `${app} ${how}`)).to.deep.equal([
      'bare recorded',
      'blog started',
      'settings recorded',
      'shop started',
    ]);
    for (const app of ['shop', 'blog', 'settings', 'bare']) {
      const [was, is] = [await old.platform.apps.info(app), await fresh.platform.apps.info(app)];
      expect(is).to.deep.equal({
        ...was,
        url: was.url.replace('my.paas', 'new.paas'),
        domains: was.domains.map((domain) => domain.replace('my.paas', 'new.paas')),
      });
      expect(await fresh.platform.releases.list(app)).to.deep.equal(await old.platform.releases.list(app));
      expect(await fresh.platform.config.get(app)).to.deep.equal(await old.platform.config.get(app));
    }
    expect(Object.values(fresh.served('shop.new.paas'))).to.deep.equal([3]);
    expect(Object.values(fresh.served('www.example.com'))).to.deep.equal([3]);
    expect(fresh.table?.routes.find(({ host }) => host === 'blog.new.paas')).to.include({ maintenance: true });
  });

  it('leads to a cluster that can roll back, deploy and change config as before', async () => {
    await restore(fresh, backup);
    expect(
      outcome((await fresh.follow(await fresh.platform.releases.rollback('shop', { version: 1 }, caller))).ending),
    ).to.equal('done');
    expect((await fresh.platform.apps.info('shop')).release).to.deep.include({
      version: 4,
      description: 'Rollback to v1',
    });
    expect(outcome((await fresh.deploy('settings', 'hello:1')).ending)).to.equal('done');
    expect(await fresh.platform.config.get('settings')).to.deep.equal({ KEY: 'kept' });
  });

  it('keeps the tokens of users valid, unless they are left out', async () => {
    expect((await restore(fresh, backup, { tokens: false })).tokens).to.deep.equal([]);
    expect(await fresh.platform.tokens.authenticate(new Secret(token))).to.equal(undefined);
    expect((await restore(fresh, backup)).tokens).to.have.members(['bob', 'ci']);
    expect(await fresh.platform.tokens.authenticate(new Secret(token))).to.include({ user: 'bob', role: 'member' });
    expect(await fresh.platform.tokens.authenticate(new Secret(deployer))).to.include({
      user: 'ci',
      role: 'deploy',
      app: 'shop',
    });
  });

  it('changes nothing when it is done twice', async () => {
    await restore(fresh, backup);
    const services = await fresh.services();
    expect((await restore(fresh, backup)).apps.map(({ outcome: how }) => how)).to.deep.equal([
      'recorded',
      'kept',
      'recorded',
      'kept',
    ]);
    expect(await fresh.services()).to.deep.equal(services);
  });

  it('tells which app could not start, starts the others, and starts that one when it is done again', async () => {
    fresh.engine.script(/^shop_/, { state: 'failed', exitCode: 1 });
    const { apps } = await restore(fresh, backup);
    expect(apps.map(({ app, outcome: how }) => `${app} ${how}`)).to.deep.equal([
      'bare recorded',
      'blog started',
      'settings recorded',
      'shop failed',
    ]);
    expect(apps.at(-1)?.detail).to.contain('web.1');
    expect(await fresh.platform.config.get('shop')).to.deep.equal({ COLOUR: 'red' });
    fresh.engine.script(/^shop_/, { state: 'running' });
    expect((await restore(fresh, backup)).apps.map(({ outcome: how }) => how)).to.deep.equal([
      'recorded',
      'kept',
      'recorded',
      'started',
    ]);
    expect(Object.values(fresh.served('shop.new.paas'))).to.deep.equal([3]);
  });

  it('goes on after the controller was killed in the middle of it', async () => {
    fresh.engine.script(/^shop_/, { state: 'preparing' });
    const operation = await fresh.platform.backup.restore({ archive: Readable.from([backup]), options: {} }, caller);
    await fresh.clock.advance(500);
    expect(Object.keys(await fresh.services())).to.not.deep.equal([]);
    fresh.kill();
    fresh.engine.script(/^shop_/, { state: 'running' });
    await fresh.boot();
    expect(outcome((await fresh.follow(operation)).ending)).to.equal('INTERRUPTED');
    const { apps } = await restore(fresh, backup);
    expect(apps.filter(({ outcome: how }) => how === 'failed')).to.deep.equal([]);
    expect(Object.values(fresh.served('shop.new.paas'))).to.deep.equal([3]);
  });

  it('without images tells which releases have none, and keeps the config vars for the next deploy', async () => {
    const { apps } = await restore(fresh, await save(old, false));
    expect(apps.map(({ app, outcome: how, withoutImage }) => `${app} ${how} ${withoutImage.join()}`)).to.deep.equal([
      'bare recorded ',
      'blog no-image 1',
      'settings recorded ',
      'shop no-image 3,2,1',
    ]);
    expect(outcome((await fresh.deploy('shop', 'hello:2')).ending)).to.equal('done');
    expect(await fresh.platform.config.get('shop')).to.deep.equal({ COLOUR: 'red' });
    expect((await fresh.platform.apps.info('shop')).release?.version).to.equal(4);
  });

  it("overwrites what was changed since only when told so, with the cluster's name; what runs is replaced without a gap", async () => {
    await restore(fresh, backup);
    await fresh.deploy('shop', 'hello:1');
    await fresh.follow(await fresh.platform.config.update('shop', { set: { COLOUR: 'blue' } }, caller));
    await fresh.platform.domains.clear('shop', caller);
    expect(await refusal(fresh, backup)).to.equal('RESTORE_CONFLICT');
    expect(await refusal(fresh, backup, { replace: true })).to.equal('CONFIRM_MISMATCH');
    expect(await refusal(fresh, backup, { replace: true, confirm: 'test' })).to.equal('CONFIRM_MISMATCH');
    expect(await fresh.platform.config.get('shop')).to.deep.equal({ COLOUR: 'blue' });
    await restore(fresh, backup, { replace: true, confirm: 'fresh' });
    expect(await fresh.platform.config.get('shop')).to.deep.equal({ COLOUR: 'red' });
    expect((await fresh.platform.releases.list('shop')).map(({ version }) => version)).to.deep.equal([3, 2, 1]);
    expect(Object.values(fresh.served('www.example.com'))).to.deep.equal([3]);
    await fresh.deploy('shop', 'hello:1');
    expect((await fresh.platform.apps.info('shop')).release?.version).to.equal(6);
  });

  it('changes nothing when it is damaged, of an app that is there already, or of no backup at all', async () => {
    const changed = Buffer.from(backup);
    changed[changed.indexOf('"createdAt"') + 3]! ^= 1;
    expect(await refusal(fresh, changed)).to.equal('BACKUP_DAMAGED');
    expect(await refusal(fresh, backup.subarray(0, backup.length - 2048))).to.equal('BACKUP_DAMAGED');
    expect(await refusal(fresh, Buffer.from('something else'))).to.equal('BACKUP_DAMAGED');
    expect(await fresh.platform.apps.list()).to.deep.equal([]);
    expect(await fresh.platform.tokens.list()).to.deep.equal([]);
    await fresh.platform.apps.create({ name: 'shop' }, caller);
    expect(await refusal(fresh, backup)).to.equal('RESTORE_CONFLICT');
    expect((await fresh.platform.apps.list()).map(({ name }) => name)).to.deep.equal(['shop']);
  });

  it('holds no lease, no rollout under way and no value of a token', async () => {
    const { apps, tokens } = await readBackup(Readable.from([backup]));
    for (const { app } of apps) expect(app).not.to.have.any.keys('lease', 'previous');
    expect(tokens.map(({ user }) => user)).to.have.members(['bob', 'ci']);
    expect(backup.includes(token.slice(-40))).to.equal(false);
  });

  it('breaks off when an image goes away meanwhile, instead of being taken for whole', async () => {
    const world = await World.create();
    try {
      await world.platform.apps.create({ name: 'shop' }, caller);
      await world.deploy('shop', 'hello:1');
      world.engine.saveImages = () => Promise.reject(new Error('gone'));
      expect(await codeOf(save(world))).not.to.equal('none');
    } finally {
      await world.close();
    }
  });
});
