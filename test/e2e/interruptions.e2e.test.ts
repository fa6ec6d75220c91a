import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Build } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';
import { Load } from '../fixtures/load.ts';

/** The most that a killed part may stay in the way. */
const SECONDS = 60;

describe('killing a part in the middle of a deploy', function () {
  this.timeout(180_000);
  const app = 'interrupted';
  let mothership: Cluster;
  let image: string;

  before(async () => {
    mothership = await cluster();
    await mothership.tinyApp(app);
    await mothership.tiny(app, 'late');
    image = await mothership.tiny('interrupted-next');
  });

  /** Nothing holds the app, only the live release has services with tasks, and no build is running. */
  async function isClean(): Promise<boolean> {
    const info = await mothership.mothership(['apps:info', '-a', app, '--json']);
    if (info.code !== 0) return false;
    const { operation, release } = JSON.parse(info.stdout) as { operation: unknown; release: { version: number } };
    if (operation !== null) return false;
    const names = (await mothership.engine.services({ 'mothership.app': app }))
      .filter(({ replicas }) => replicas !== 0)
      .map(({ labels }) => labels['mothership.release']);
    const builds = await mothership.engine.containers({ 'mothership.kind': 'build' });
    return names.length === 1 && names[0] === String(release.version) && builds.length === 0;
  }

  async function recovers(): Promise<void> {
    await eventually('no lease, no orphan', SECONDS, isClean);
    expect((await mothership.releases(app)).filter(({ status }) => status === 'pending')).to.deep.equal([]);
    expect(
      (await mothership.json<Build[]>(['builds', '-a', app])).filter(({ status }) => status === 'running'),
    ).to.deep.equal([]);
    const before = await mothership.current(app);
    await mothership.ok(['deploy', '-a', app, '--image', image]);
    expect((await mothership.http(app)).headers['x-release']).to.equal(`v${await mothership.current(app)}`);
    expect(await mothership.current(app)).to.be.greaterThan(before);
  }

  /** Starts a rollout that takes some seconds, and waits until its service exists. In an object, because a child is awaited to its end. */
  async function midRollout(): Promise<{ child: ReturnType<Cluster['start']> }> {
    const { version } = (await mothership.releases(app))[0]!;
    const child = mothership.start(['deploy', '-a', app, '--image', `tiny/${app}:late`, '--json']);
    await eventually('the new service', 20, async () =>
      (await mothership.engine.services({ 'mothership.app': app })).some(
        ({ labels }) => Number(labels['mothership.release']) > version,
      ),
    );
    return { child };
  }

  const controller = async (): Promise<string> => {
    const [found] = (await mothership.engine.containers({ 'mothership.kind': 'controller' })).filter(
      ({ running }) => running,
    );
    return found!.id;
  };

  it('the command line, while it uploads', async () => {
    const folder = await mothership.copy('test/sample-apps/procfile', 'upload');
    await writeFile(join(folder, 'large'), randomBytes(150 * 2 ** 20));
    const child = mothership.start(['deploy', '-a', app], { cwd: folder });
    const arriving = ['exec', await controller(), 'find', '/data', '-name', '*.part', '-size', '+1M'];
    await eventually('a part of the file', 20, () => mothership.node.docker(arriving));
    child.kill('SIGKILL');
    await child;
    await recovers();
  });

  it('the command line, while it builds: the build goes on', async () => {
    const folder = await mothership.copy('test/sample-apps/procfile', 'build');
    const child = mothership.start(['deploy', '-a', app], { cwd: folder });
    await eventually('the build', 20, async () =>
      (await mothership.json<Build[]>(['builds', '-a', app])).some(({ status }) => status === 'running'),
    );
    child.kill('SIGKILL');
    await child;
    await eventually('the release', SECONDS, async () => (await mothership.http(app)).body === 'from a binary\n');
    await recovers();
  });

  it('the command line, while it rolls out: the rollout goes on', async () => {
    const { child } = await midRollout();
    child.kill('SIGKILL');
    await child;
    await eventually('the release', SECONDS, async () => (await mothership.http(app)).body === `${app}\n`);
    await recovers();
  });

  it('Ctrl-C while it rolls out: it is undone', async () => {
    const live = await mothership.current(app);
    const { child } = await midRollout();
    child.kill('SIGINT');
    expect((await child).exitCode).to.equal(130);
    expect(await mothership.current(app)).to.equal(live);
    await recovers();
  });

  it('the controller, while it builds', async () => {
    const folder = await mothership.copy('test/sample-apps/fails/never-ends', 'build');
    const child = mothership.start(['deploy', '-a', app, '--json'], { cwd: folder });
    await eventually('the build', 20, async () =>
      (await mothership.engine.containers({ 'mothership.kind': 'build' })).some(({ running }) => running),
    );
    await mothership.engine.killContainer(await controller());
    const { exitCode, stderr } = await child;
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('INTERRUPTED');
    await recovers();
  });

  it('the controller, while it rolls out: the command line comes back and says how it ended, no request fails', async () => {
    const live = await mothership.current(app);
    const load = new Load({ ip: mothership.node.ip, host: `${app}.localhost` }).start(10);
    const { child } = await midRollout();
    await mothership.engine.killContainer(await controller());
    const { exitCode, stderr } = await child;
    const now = await eventually('the controller', SECONDS, async () => (await isClean()) && mothership.current(app));
    if (exitCode === 0) expect(now).to.equal(live + 1);
    else expect({ now, says: stderr.includes('INTERRUPTED') }).to.deep.equal({ now: live, says: true });
    expect((await load.stop()).failures).to.deep.equal([]);
    await recovers();
  });

  it('the controller, at moments of chance', async () => {
    for (const wait of [150, 600, 1100]) {
      const child = mothership.start(['config:set', `WAIT=${wait}`, '-a', app]);
      await new Promise((resolve) => setTimeout(resolve, 250 + wait));
      await mothership.engine.killContainer(await controller());
      await child;
      await eventually('no lease, no orphan', SECONDS, isClean);
    }
    await recovers();
  });
});
