import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster, type Ended } from '../fixtures/cluster.ts';

describe('labels that a Dockerfile sets', function () {
  this.timeout(60_000);
  const [victim, other] = ['victim', 'victim-2'];
  let mothership: Cluster;
  let build: Promise<Ended>;

  const kinds = ['run', 'agent', 'controller', 'build', 'probe'];
  /** Each step runs in a container with the labels above it, and the image has all of them. */
  const dockerfile = [
    'ARG MOTHERSHIP_RUN_IMAGE',
    'FROM ${MOTHERSHIP_RUN_IMAGE}',
    `LABEL mothership.app=${victim} mothership.type=run.6666 mothership.release=NaN mothership.practice=node`,
    `LABEL mothership.generation=${victim}/1 mothership.layer-of=${victim} com.docker.swarm.task.name=x.1.y`,
    ...kinds.flatMap((kind) => [`LABEL mothership.kind=${kind}`, `RUN echo step ${kind} && sleep 6`]),
    'ENTRYPOINT ["sleep", "infinity"]',
    '',
  ];

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(victim);
    await mothership.ok(['apps:create', other, '--no-link']);
    const folder = await mothership.folder(other);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'Dockerfile'), dockerfile.join('\n'));
    await writeFile(join(folder, 'Procfile'), 'worker: sleep infinity\n');
    build = mothership.mothership(['deploy', '-a', other], { cwd: folder });
  });

  const labelled = async (labels: Record<string, string>): Promise<boolean> =>
    (await mothership.engine.containers(labels)).some(({ running }) => running);

  for (const kind of kinds) {
    it(`make a step no ${kind} of the platform's or of another app's`, async () => {
      await eventually('the forged container', 60, () =>
        labelled({ 'mothership.kind': kind, 'mothership.app': victim, 'mothership.type': 'run.6666' }),
      );
      const processes = await mothership.json<{ name: string }[]>(['ps', '-a', victim]);
      expect(processes.map(({ name }) => name)).to.deep.equal(['web.1']);
      for (const command of [
        ['ps:exec', '-a', victim, '--ps', 'run.6666', '--', 'true'],
        ['ps:stop', 'run.6666', '-a', victim],
      ]) {
        const { code, stderr } = await mothership.mothership(command);
        expect(code, stderr).to.not.equal(0);
        expect(stderr).to.contain('run.6666').and.not.contain('made a mistake');
      }
    });
  }

  it('do not stop the build, and give its processes to their own app only', async () => {
    const { code, stderr } = await build;
    expect(code, stderr).to.equal(0);
    await mothership.ok(['ps:scale', 'worker=1', '-a', other]);
    const names = async (app: string): Promise<string[]> =>
      (await mothership.json<{ name: string }[]>(['ps', '-a', app])).map(({ name }) => name);
    expect(await names(victim)).to.deep.equal(['web.1']);
    expect(await names(other)).to.deep.equal(['worker.1']);
  });

  it('do not hold up the end of the app that they name', async () => {
    await mothership.ok(['apps:destroy', '-a', victim, '--confirm', victim]);
    await eventually('its network is gone', 30, async () => !(await mothership.engine.network(`app-${victim}`)));
    const processes = await mothership.json<{ name: string; state: string }[]>(['ps', '-a', other]);
    expect(processes).to.have.length(1);
    expect(processes[0]).to.include({ name: 'worker.1', state: 'up' });
    await mothership.ok(['apps:destroy', '-a', other, '--confirm', other]);
  });
});
