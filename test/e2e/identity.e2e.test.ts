import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('labels that images and containers bring', function () {
  this.timeout(60_000);
  const [victim, other] = ['victim', 'victim-2'];
  const forged = 'tiny/forged:labels';
  let mothership: Cluster;

  const labels = {
    ...{ 'mothership.app': victim, 'mothership.type': 'run.6666', 'mothership.release': 'NaN' },
    ...{ 'mothership.generation': `${victim}/1`, 'mothership.layer-of': victim, 'mothership.practice': 'node' },
    'com.docker.swarm.task.name': 'x.1.y',
  };
  const flags = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(victim);
    await mothership.ok(['apps:create', other, '--no-link']);
    const image = await mothership.tiny('forged');
    await mothership.node.docker(['create', '--name', 'forged', ...flags, '--label', 'mothership.kind=run', image]);
    const changes = Object.entries(labels).flatMap(([name, value]) => ['--change', `LABEL ${name}=${value}`]);
    await mothership.node.docker(['commit', ...changes, 'forged', forged]);
    await mothership.node.docker(['rm', '-f', 'forged']);
  });

  const labelled = async (kind: string): Promise<boolean> =>
    (
      await mothership.engine.containers({
        'mothership.kind': kind,
        'mothership.app': victim,
        'mothership.type': 'run.6666',
      })
    ).some(({ running }) => running);

  for (const kind of ['run', 'agent', 'controller', 'build', 'probe']) {
    it(`make a container no ${kind} of the platform's or of another app's`, async () => {
      const name = `forged-${kind}`;
      await mothership.node.docker([
        'run',
        '-d',
        '--name',
        name,
        ...flags,
        '--label',
        `mothership.kind=${kind}`,
        forged,
      ]);
      await eventually('the forged container', 60, () => labelled(kind));
      const processes = await mothership.json<{ name: string }[]>(['ps', '-a', victim]);
      expect(processes.map((each) => each.name)).to.deep.equal(['web.1']);
      for (const command of [
        ['ps:exec', '-a', victim, '--ps', 'run.6666', '--', 'true'],
        ['ps:stop', 'run.6666', '-a', victim],
      ]) {
        const { code, stderr } = await mothership.mothership(command);
        expect(code, stderr).to.not.equal(0);
        expect(stderr).to.contain('run.6666').and.not.contain('made a mistake');
      }
      await mothership.node.docker(['rm', '-f', name]);
    });
  }

  it('are refused in a Dockerfile, with the line', async () => {
    const folder = await mothership.folder(other);
    await mkdir(folder, { recursive: true });
    const lines = ['ARG MOTHERSHIP_RUN_IMAGE', 'FROM ${MOTHERSHIP_RUN_IMAGE}', 'LABEL a=b mothership.kind=run', ''];
    await writeFile(join(folder, 'Dockerfile'), lines.join('\n'));
    const { code, stderr } = await mothership.mothership(['deploy', '-a', other], { cwd: folder });
    expect(code, stderr).to.equal(1);
    expect(stderr).to.contain('Line 3 of the Dockerfile sets the label mothership.kind, which is reserved.');
  });

  it('give the processes of an image to their own app only', async () => {
    await mothership.ok(['deploy', '-a', other, '--image', forged]);
    const names = async (app: string): Promise<string[]> =>
      (await mothership.json<{ name: string }[]>(['ps', '-a', app])).map(({ name }) => name);
    expect(await names(victim)).to.deep.equal(['web.1']);
    expect(await names(other)).to.deep.equal(['web.1']);
  });

  it('do not hold up the end of the app that they name', async () => {
    await mothership.ok(['apps:destroy', '-a', victim, '--confirm', victim]);
    await eventually('its network is gone', 30, async () => !(await mothership.engine.network(`app-${victim}`)));
    const processes = await mothership.json<{ name: string; state: string }[]>(['ps', '-a', other]);
    expect(processes).to.have.length(1);
    expect(processes[0]).to.include({ name: 'web.1', state: 'up' });
    await mothership.ok(['apps:destroy', '-a', other, '--confirm', other]);
  });
});
