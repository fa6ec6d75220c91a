import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dockerEngine, type NodeInfo } from '../../src/engine/index.ts';
import { systemClock } from '../../src/events/index.ts';
import type { NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import { DiskWatch } from '../../src/processes/index.ts';
import { GiB, MiB } from '../../src/values/size.ts';
import { tarOf } from '../engine/containers.contract.ts';
import { BASE_IMAGE } from '../lab/index.js';

const TAG = 'mothership-test/volume:1';

describe('a one-off that fills a volume of its image', function () {
  this.timeout(120_000);
  const engine = dockerEngine({ socketPath: '/var/run/docker.sock' });

  let dataDir: string;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mothership-disk-'));
    await engine.buildImage(tarOf({ Dockerfile: `FROM ${BASE_IMAGE}\nVOLUME /data\n` }), { tag: TAG }, () => undefined);
  });
  after(async () => {
    await rm(dataDir, { recursive: true });
    await engine.removeImage(TAG);
  });

  it('is killed, and its container and volume are removed', async () => {
    const labels = { 'mothership.kind': 'run', 'mothership.app': 'disk-real', 'mothership.type': 'run.1234' };
    const id = await engine.createContainer({
      ...{ name: 'disk-real_run.1234', image: TAG, labels, env: {}, networks: [{ id: 'none' }] },
      command: ['/bin/sh', '-c', 'head -c 60000000 /dev/zero > /data/fill; echo full; exec sleep 300'],
    });
    await engine.startContainer(id);
    for await (const { line } of engine.containerLogs(id, { follow: true })) if (line === 'full') break;
    const [volume] = (await engine.container(id))!.volumes;
    // This engine is in no Swarm, and its disk is only said to be full.
    const local = Object.create(engine, { tasks: { value: () => Promise.resolve([]) } }) as typeof engine;
    const node = { id: 'n', hostname: 'here' } as NodeInfo;
    const engines = {
      all: () => Promise.resolve([{ node, engine: local }]),
      report: () => Promise.resolve({ disk: { total: GiB, free: MiB } }),
    } as unknown as NodeEngines;
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const watch = new DiskWatch({ engine: local, engines, clock: systemClock, logger, dataDir });
    await watch.once();
    expect(watch.stopsOf('disk-real')[0]!.why).to.match(/had written 5\d MB to the disk of here/);
    expect(await engine.waitContainer(id)).to.equal(137);
    await watch.once();
    expect(await engine.container(id)).to.equal(undefined);
    expect((await engine.volumes({})).map(({ name }) => name)).not.to.include(volume);
  });
});
