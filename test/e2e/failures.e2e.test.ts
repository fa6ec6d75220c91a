import { expect } from 'chai';
import type { Build } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster, type Ended } from '../fixtures/cluster.ts';

interface Failing {
  readonly what: string;
  readonly source?: string;
  readonly image?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly code: string;
  /** In the app's own words, or the platform's. */
  readonly says: RegExp;
  readonly exit?: number;
}

const LOW = { MOTHERSHIP_BUILD_MEMORY_MB: '192' };

const BUILDS: readonly Failing[] = [
  {
    what: 'a compile error',
    source: 'compile-error',
    code: 'BUILD_FAILED',
    says: /this is not JavaScript|SyntaxError/,
  },
  { what: 'no Procfile and nothing detected', source: 'nothing', code: 'NOTHING_DETECTED', says: /notes\.txt/ },
  { what: 'a Procfile that cannot be read', source: 'bad-procfile', code: 'PROCFILE_INVALID', says: /line 2/, exit: 2 },
  { what: 'a Dockerfile that fails', source: 'bad-dockerfile', code: 'DOCKERFILE_FAILED', says: /about to fail/ },
  {
    what: 'a build that eats memory',
    source: 'eats-memory',
    config: LOW,
    code: 'BUILD_KILLED',
    says: /exceeded its memory limit of 192 MB/,
  },
  {
    what: 'a build that fills its disk',
    source: 'fills-disk',
    config: { MOTHERSHIP_BUILD_DISK_MB: '150' },
    code: 'BUILD_KILLED',
    says: /of disk; the limit is 150 MB/,
  },
  {
    what: 'a build that never ends',
    source: 'never-ends',
    config: { MOTHERSHIP_BUILD_TIMEOUT: '15' },
    code: 'BUILD_KILLED',
    says: /longer than 15 seconds/,
  },
];

/** Only for processes that never bind their port: one that crashes may take longer on a busy machine. */
const BOOTS_QUICKLY = { MOTHERSHIP_BOOT_TIMEOUT: '3' };

const STARTS: readonly Failing[] = [
  {
    what: 'a process that crashes at start',
    image: 'crash',
    code: 'ROLLOUT_TASK_FAILED',
    says: /the database said no[\s\S]*exited with code 7/,
  },
  {
    what: 'a web process that never binds its port',
    image: 'deaf',
    code: 'ROLLOUT_NEVER_READY',
    says: /tiny: not listening[\s\S]*nothing is listening on port/,
    config: BOOTS_QUICKLY,
  },
  {
    what: 'a web process on the wrong port',
    image: 'wrong-port',
    code: 'ROLLOUT_NEVER_READY',
    says: /tiny: listening on \d+[\s\S]*nothing is listening on port/,
    config: BOOTS_QUICKLY,
  },
  { what: 'an image that is nowhere', image: 'none', code: 'IMAGE_UNAVAILABLE', says: /nowhere\.invalid\/none/ },
];

describe('deploys that must fail', function () {
  this.timeout(120_000);
  const app = 'failures';
  let mothership: Cluster;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(app);
  });

  async function setConfig({ config = {} }: Failing): Promise<void> {
    const pairs = Object.entries(config).map(([key, value]) => `${key}=${value}`);
    if (pairs.length > 0) await mothership.ok(['config:set', '-a', app, ...pairs]);
  }

  async function unsetConfig({ config = {} }: Failing): Promise<void> {
    const keys = Object.keys(config);
    if (keys.length > 0) await mothership.ok(['config:unset', '-a', app, ...keys]);
  }

  const lastError = ({ stderr }: Ended): { code: string; message: string } =>
    JSON.parse(stderr.trim().split('\n').at(-1)!) as { code: string; message: string };

  async function fails(argv: readonly string[], { code, says, exit = 1 }: Failing, cwd?: string): Promise<void> {
    const before = await mothership.releases(app);
    const live = before.find(({ current }) => current)!.version;
    const ended = await mothership.mothership([...argv, '--json'], cwd ? { cwd } : {});
    expect(lastError(ended)).to.include({ code });
    expect(ended.code).to.equal(exit);
    expect(ended.stdout).to.equal('');
    expect(ended.stderr.replace(/\\n/g, '\n')).to.match(says);
    await stillServes(live);
    const newer = (await mothership.releases(app)).filter(({ version }) => version > before[0]!.version);
    for (const { status, error } of newer)
      expect({ status, error: Boolean(error) }).to.deep.equal({ status: 'failed', error: true });
  }

  /** The old release answers, holds the app alone, and nothing of the new one is left. */
  async function stillServes(version: number): Promise<void> {
    const { status, headers } = await mothership.http(app);
    expect({ status, release: headers['x-release'] }).to.deep.equal({ status: 200, release: `v${version}` });
    const { operation, release } = await mothership.info(app);
    expect({ operation, version: release!.version }).to.deep.equal({ operation: null, version });
    expect((await mothership.services(app)).map(({ name }) => name)).to.deep.equal([`${app}_web_v${version}`]);
    await eventually(
      "the build's container to go",
      15,
      async () => (await mothership.engine.containers({ 'mothership.kind': 'build' })).length === 0,
    );
  }

  for (const failing of BUILDS) {
    it(failing.what, async () => {
      await setConfig(failing);
      await fails(
        ['deploy', '-a', app],
        failing,
        await mothership.copy(`test/sample-apps/fails/${failing.source!}`, 'failing'),
      );
      const [build] = await mothership.json<Build[]>(['builds', '-a', app]);
      expect(build).to.include({ status: 'failed', release: null });
      await unsetConfig(failing);
    });
  }

  for (const failing of STARTS) {
    it(failing.what, async () => {
      const { image = '' } = failing;
      const reference = image === 'none' ? 'nowhere.invalid/none:1' : await mothership.tiny(app, image);
      await setConfig(failing);
      await fails(['deploy', '-a', app, '--image', reference], failing);
      await unsetConfig(failing);
    });
  }

  it('a config var that breaks the app', async () => {
    await fails(['config:set', 'MODE=crash', '-a', app], {
      what: '',
      code: 'ROLLOUT_TASK_FAILED',
      says: /the database said no/,
    });
    expect((await mothership.mothership(['config:get', 'MODE', '-a', app])).code).to.equal(1);
  });

  it('the first deploy of an app: it stays, with nothing to run', async () => {
    const folder = await mothership.copy('test/sample-apps/fails/crashes', 'first-fails');
    const { code, stderr } = await mothership.mothership(['deploy'], { cwd: folder });
    expect(code).to.equal(1);
    expect(stderr).to.contain('cannot find the database');
    const { release, operation } = await mothership.info('first-fails');
    expect({ release, operation }).to.deep.equal({ release: null, operation: null });
    expect((await mothership.http('first-fails')).status).to.equal(503);
  });

  it('a rollback to a release that never ran', async () => {
    const failed = (await mothership.releases(app)).find(({ status }) => status === 'failed')!;
    const { code, stderr } = await mothership.mothership(['rollback', `v${failed.version}`, '-a', app, '--json']);
    expect(code).to.equal(1);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).to.include({ code: 'ROLLBACK_TO_FAILED' });
  });
});
