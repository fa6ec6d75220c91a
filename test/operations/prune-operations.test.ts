import { expect } from 'chai';
import type { Operation } from '../../src/api/index.ts';
import { planPruning } from '../../src/operations/prune-operations.ts';
import { archiveOf } from '../builds/archive-of.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-24T12:00:00Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

describe('old operations', () => {
  const operation = (id: string, ended: number | null, subject: Operation['subject']): Operation => ({
    ...{ id, kind: 'config', subject, by: 'ada', state: 'succeeded', startedAt: ago((ended ?? 0) + 1000) },
    ...{ finishedAt: ended === null ? null : ago(ended), error: null, result: null },
  });
  const shop = { kind: 'app', name: 'shop' } as const;
  const gone = { kind: 'app', name: 'gone' } as const;
  const node = { kind: 'node', name: 'shop' } as const;
  const plan = (operations: Operation[]): string[] =>
    planPruning(operations, { now: NOW, apps: new Set(['shop']), kept: new Set(['kept']) });

  it('are deleted: those that ended more than a week ago, and all but the last 20 of an app or node', () => {
    const many = Array.from({ length: 22 }, (_, n) => operation(`${n}`, n * 1000, shop));
    expect(plan(many)).to.deep.equal(['20', '21']);
    expect(plan([...many.slice(0, 20), operation('node', 0, node)])).to.deep.equal([]);
    expect(plan([operation('old', 8 * 24 * HOUR, shop), operation('young', 6 * 24 * HOUR, shop)])).to.deep.equal([
      'old',
    ]);
  });

  it('are kept while they run, and as long as their build or release', () => {
    expect(plan([operation('running', null, gone), operation('kept', 99 * 24 * HOUR, shop)])).to.deep.equal([]);
  });

  it('of destroyed apps are deleted an hour after their end', () => {
    expect(plan([operation('old', 2 * HOUR, gone), operation('young', HOUR / 2, gone)])).to.deep.equal(['old']);
  });
});

describe('what operations leave behind', function () {
  this.timeout(60_000);
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    for (const image of ['run', 'build']) world.engine.imageStore.add(image);
    await world.platform.apps.create({ name: 'shop' }, caller);
  });
  afterEach(() => world.close());

  const isGone = async ({ id }: Operation): Promise<boolean> =>
    (await rejection(world.platform.operations.info(id))) === 'OPERATION_NOT_FOUND';

  it('of failed builds is deleted beyond the last 20, though no release ever succeeds', async () => {
    const begun: Operation[] = [];
    for (let n = 0; n < 23; n += 1) {
      const archive = archiveOf({ Procfile: 'not a procfile' });
      const operation = await world.platform.builds.create('shop', { archive, options: {} }, caller);
      expect(outcome((await world.follow(operation)).ending)).to.equal('PROCFILE_INVALID');
      begun.push(operation);
      await world.clock.advance(1000);
    }
    expect(await world.platform.builds.list('shop')).to.have.lengthOf(20);
    expect(await Promise.all(begun.slice(0, 4).map(isGone))).to.deep.equal([true, true, true, false]);
  });

  it('of a release is kept as long as the release, however many others there are', async () => {
    const release = await world.platform.config.update('shop', { set: { A: '1' } }, caller);
    await world.follow(release);
    world.engine.imageStore.add('hello:1');
    await world.deploy('shop', 'hello:1');
    const restarts: Operation[] = [];
    for (let n = 0; n < 21; n += 1) {
      restarts.push(await world.platform.ps.restart('shop', {}, caller));
      await world.follow(restarts.at(-1)!);
      await world.clock.advance(1000);
    }
    await world.clock.advance(HOUR + 120_000);
    expect(await isGone(restarts[0]!)).to.equal(true);
    expect(await isGone(release)).to.equal(false);
  });

  it('of a destroyed app is deleted', async () => {
    const operation = await world.platform.config.update('shop', { set: { A: '1' } }, caller);
    await world.follow(operation);
    await world.platform.apps.destroy('shop', 'shop', caller);
    await world.clock.advance(HOUR + 120_000);
    await world.until(() => isGone(operation));
  });
});
