import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { LocalEngines, type NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import type { NodeReport } from '../../src/agent/index.ts';
import { DiskStops } from '../../src/processes/disk-stops.ts';
import { DiskWatch, findOffender, isNearlyFull } from '../../src/processes/disk-watch.ts';
import { GiB, MiB } from '../../src/values/size.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { caller, World } from '../platform/world.ts';

describe('the disk of a node', () => {
  it('is nearly full when less than 5 GiB are free, or a tenth of a small disk', () => {
    expect(isNearlyFull({ total: 500 * GiB, free: 6 * GiB })).to.equal(false);
    expect(isNearlyFull({ total: 500 * GiB, free: 4 * GiB })).to.equal(true);
    expect(isNearlyFull({ total: 20 * GiB, free: 3 * GiB })).to.equal(false);
    expect(isNearlyFull({ total: 20 * GiB, free: 1 * GiB })).to.equal(true);
  });

  it('is filled by the process that has written the most, if it is more than every process may', () => {
    const disk = { total: 500 * GiB, free: 0 };
    expect(findOffender([{ bytes: GiB / 2 }, { bytes: GiB }], disk)).to.equal(undefined);
    expect(findOffender([{ bytes: 2 * GiB }, { bytes: 3 * GiB }, { bytes: 1 }], disk)).to.deep.equal({
      bytes: 3 * GiB,
    });
    expect(findOffender([{ bytes: GiB / 2 }], { total: 20 * GiB, free: 0 })).to.deep.equal({ bytes: GiB / 2 });
    expect(findOffender([], disk)).to.equal(undefined);
  });

  it('is in the log once when it becomes nearly full, and once when it has room again', async () => {
    const disk = { total: 500 * GiB, free: 0 };
    const engine = new FakeEngine();
    const engines = Object.assign(new LocalEngines(engine), { report: async () => ({ disk }) as NodeReport });
    const said: string[] = [];
    const logger = {
      info: (_facts: object, message: string) => void said.push(message),
      warn: (_facts: object, message: string) => void said.push(message),
      error: () => undefined,
    };
    const watch = new DiskWatch({ engine, engines, clock: new FakeClock(), logger, dataDir: '/nowhere' });
    await watch.once();
    await watch.once();
    disk.free = 100 * GiB;
    await watch.once();
    await watch.once();
    expect(said).to.deep.equal(['the disk of a node is nearly full', 'the disk of a node has room again']);
  });

  it('has its stops in a file that several of them at once leave whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'disk-stops-'));
    try {
      const stops = new DiskStops(folder);
      const all = Array.from({ length: 20 }, (_, n) => ({
        ...{ at: '', app: n % 2 === 0 ? 'shop' : 'blog', ps: 'web.1', container: `c${n}`, why: 'x'.repeat(1000 - n) },
      }));
      await Promise.all(all.map((stop) => stops.add(stop)));
      const later = new DiskStops(folder);
      await later.load();
      expect([...later.of('shop'), ...later.of('blog')]).to.have.deep.members(all);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('when nearly full', () => {
    const disk = { total: 1000 * GiB, free: 500 * GiB };
    let world: World;
    beforeEach(async () => {
      disk.free = 500 * GiB;
      world = await World.create({}, {}, undefined, (local): NodeEngines => {
        const engines = new LocalEngines(local);
        return Object.assign(engines, { report: async () => ({ ...(await LocalEngines.prototype.report()), disk }) });
      });
      for (const app of ['shop', 'calm']) {
        await world.platform.apps.create({ name: app }, caller);
        await world.deploy(app, 'hello:1');
      }
    });
    afterEach(() => world.close());

    const containerOf = async (app: string): Promise<string> => {
      const id = (await world.platform.ps.list(app))[0]!.id;
      return (await world.engine.tasks({})).find((task) => task.id === id)!.containerId!;
    };
    const write = async (container: string, bytes: number): Promise<void> => {
      const tar = pack();
      tar.entry({ name: 'big' }, Buffer.alloc(bytes));
      tar.finalize();
      await world.engine.putArchive(container, '/tmp', Readable.from(tar));
    };
    const logOf = async (app: string): Promise<string[]> => {
      const lines: string[] = [];
      for await (const { ps, line } of world.platform.logs(app, {}, new AbortController().signal))
        lines.push(`${ps}: ${line}`);
      return lines;
    };

    it('loses the process that fills it, and its files; ps and the log say so, also with the next controller', async () => {
      const [filling, calm] = [await containerOf('shop'), await containerOf('calm')];
      // Of a small disk, so that the test need not write gigabytes.
      Object.assign(disk, { total: 20 * MiB, free: 10 * MiB });
      await write(filling, 2 * MiB);
      await write(calm, 10);
      const later = world.clock.now() + 10_000;
      await world.until(() => world.clock.now() > later);
      expect(await world.platform.ps.list('shop')).to.have.nested.property('[0].detail', '');
      disk.free = MiB;
      await world.until(async () => (await logOf('shop')).length > 0);
      const why = 'was stopped (R20): it had written 2 MB to the disk of node-1, which is nearly full';
      expect(await logOf('shop')).to.deep.equal([`web.1: Error: the process ${why}.`]);
      await world.until(async () => (await world.platform.ps.list('shop'))[0]?.state === 'up');
      expect((await world.platform.ps.list('shop'))[0]!.detail).to.equal(`restarted: the previous one ${why}`);
      await world.until(async () => !(await world.engine.container(filling)));
      expect(await containerOf('calm')).to.equal(calm);
      expect(await logOf('calm')).to.deep.equal([]);
      await world.stop();
      await world.boot();
      await world.until(async () => (await logOf('shop')).length > 0);
      expect(await logOf('shop')).to.deep.equal([`web.1: Error: the process ${why}.`]);
    });

    it('loses a one-off that fills a volume of its image, whose files go with it', async () => {
      Object.assign(disk, { total: 20 * MiB, free: MiB });
      world.engine.program(
        (spec) => spec.labels['mothership.type'] === 'run.1234',
        () => new Promise(() => undefined),
      );
      await world.engine.createVolume({ name: 'anonymous', labels: {} });
      world.engine.volumeSizes.set('anonymous', 2 * MiB);
      const app = (await world.store.apps.get('shop')).id;
      const id = await world.engine.createContainer({
        ...{ name: `${app}_run.1234`, image: 'hello:1', env: {}, networks: [] },
        labels: { 'mothership.kind': 'run', 'mothership.app': app, 'mothership.type': 'run.1234' },
        mounts: [{ type: 'volume', source: 'anonymous', target: '/data' }],
      });
      await world.engine.startContainer(id);
      await world.until(async () => !(await world.engine.container(id)));
      expect((await logOf('shop')).join()).to.match(/^run\.1234: Error: the process was stopped \(R20\)/);
    });
  });
});
