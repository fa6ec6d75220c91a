import { expect } from 'chai';
import type { Release } from '../../src/api/index.ts';
import { cluster } from './cluster-fixture.ts';
import { eventually, type Cluster } from './cluster.ts';

/** What the issue gives a cluster to be in order again. */
const RECOVERY_S = 60;

describe('a deploy that is cut short', function () {
  this.timeout(180_000);
  let mothership: Cluster;
  let next: string;
  let silent: string;

  before(async () => {
    mothership = await cluster();
    await mothership.tinyApp('cut', 'first');
    next = await mothership.tiny('second');
    silent = await mothership.tiny('silent', 'deaf');
  });
  after(() => mothership.mothership(['apps:destroy', '-a', 'cut', '--confirm', 'cut']));

  const body = async (): Promise<string> => (await mothership.http('cut')).body.trim();
  const running = async (): Promise<string[]> => (await mothership.services('cut')).map((service) => service.name).sort();
  const isFree = async (): Promise<boolean> => (await mothership.info('cut')).operation === null;


  it('by killing the command line goes on by itself', async () => {
    const command = mothership.start(['deploy', '-a', 'cut', '--image', next]);
    await eventually('the deploy has begun', 20, async () => !(await isFree()));
    command.kill('SIGKILL');
    await eventually('the app is free', RECOVERY_S, isFree);
    expect(await body()).to.equal('second');
    expect(await running()).to.have.length(1);
  });

  it('by killing the controller before the switch is undone: no lock, no orphan, the old release serves', async () => {
    const before = await running();
    const command = mothership.start(['deploy', '-a', 'cut', '--image', silent]);
    await eventually('the deploy has begun', 20, async () => (await running()).length > before.length);
    const version = (await mothership.releases('cut'))[0]!.version;
    await killController();
    expect(await body()).to.equal('second');
    await eventually('no service of the new release is left', RECOVERY_S, async () => (await running()).join() === before.join());
    await eventually('the app is free', RECOVERY_S, isFree);
    const release = (await mothership.releases('cut')).find((each: Release) => each.version === version);
    expect(release).to.include({ status: 'failed', current: false });
    const { exitCode, stderr } = await command;
    expect(exitCode, stderr).to.equal(1);
    expect(stderr).to.contain('controller was restarted');
  });

  it('leaves an app that can be deployed at once', async () => {
    expect((await mothership.mothership(['deploy', '-a', 'cut', '--image', await mothership.tiny('third')])).code).to.equal(0);
    expect(await body()).to.equal('third');
  });

  it('keeps apps answering while no controller is there', async () => {
    const stop = new AbortController();
    const answers: number[] = [];
    const asking = (async () => {
      while (!stop.signal.aborted) answers.push((await mothership.http('cut')).status);
    })();
    await killController();
    await eventually('the controller answers again', RECOVERY_S, async () => (await mothership.http('mothership', '/health')).status === 200);
    stop.abort();
    await asking;
    expect(answers.length).to.be.above(10);
    expect(answers.filter((status) => status !== 200)).to.deep.equal([]);
  });

  async function killController(): Promise<void> {
    const [container] = await mothership.engine.containers({ 'mothership.kind': 'controller' });
    const id = container!.running ? container!.id : (await mothership.node.docker(['ps', '-q', '--filter', 'name=mothership-controller'])).trim();
    await mothership.engine.killContainer(id, 'SIGKILL');
    await eventually('it is gone', 20, async () => !(await mothership.engine.container(id))?.running);
  }
});
