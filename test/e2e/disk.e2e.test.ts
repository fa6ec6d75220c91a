import { expect } from 'chai';
import type { Task } from '../../src/api/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { LocalEngines } from '../../src/nodes/engines/node-engines.ts';
import { DiskWatch } from '../../src/processes/index.ts';
import { GiB, MiB } from '../../src/values/size.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually } from '../fixtures/cluster.ts';

describe('a process that fills the disk of its node', function () {
  this.timeout(180_000);

  it('is stopped and started again without its files, and others are left alone', async () => {
    const mothership = await cluster();
    const folder = await mothership.copy('test/sample-apps/procfile', 'disk-e2e');
    await mothership.ok(['deploy'], { cwd: folder });
    const run = (await mothership.ok(['run:detached', '-a', 'disk-e2e', '--', 'sleep', '300'])).trim();
    const fill = 'head -c 120000000 /dev/zero > /tmp/fill';
    await mothership.ok(['ps:exec', '-a', 'disk-e2e', '--', 'sh', '-c', fill]);
    const list = (): Promise<Task[]> => mothership.json<Task[]>(['ps', '-a', 'disk-e2e']);
    const before = (await list()).find(({ name }) => name === 'web.1')!;

    const { engine } = mothership;
    // The node's own disk is not to be filled: it is only reported to be.
    const engines = Object.assign(new LocalEngines(engine), {
      report: () => Promise.resolve({ disk: { total: 2 * GiB, free: MiB } }),
    }) as unknown as LocalEngines;
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const watch = new DiskWatch({ engine, engines, clock: systemClock, logger, dataDir: mothership.home });

    await watch.once();
    const [task] = (await engine.tasks({})).filter(({ id }) => id === before.id);
    const [stop] = watch.stopsOf(task!.labels['mothership.app']!);
    expect(stop).to.include({ ps: 'web.1', container: task!.containerId });
    expect(stop!.why).to.match(/^was stopped \(R20\): it had written 11\d MB to the disk of /);
    await eventually('the container to be gone', 60, async () => {
      await watch.once();
      return !(await engine.container(task!.containerId!));
    });
    await eventually('another process', 60, async () =>
      (await list()).some(({ name, id, state }) => name === 'web.1' && id !== before.id && state === 'up'),
    );
    await eventually('its pages', 60, async () => (await mothership.http('disk-e2e')).body === 'from a binary\n');
    expect(await mothership.ok(['ps:exec', '-a', 'disk-e2e', '--', 'sh', '-c', 'ls /tmp'])).not.to.include('fill');
    expect((await list()).map(({ name }) => name)).to.include(run);
  });
});
