import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Task } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('an Express app with WebSockets and a worker', function () {
  this.timeout(60_000);
  const app = 'express-e2e';
  let mothership: Cluster;
  let folder: string;

  const states = (tasks: readonly Task[]): string[] => tasks.map(({ name, state }) => `${name} ${state}`);
  const dynos = async (): Promise<Set<string>> => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => mothership.http(app)));
    return new Set(answers.map(({ body }) => (JSON.parse(body) as { dyno: string }).dyno));
  };

  before(async function () {
    this.timeout(240_000);
    mothership = await cluster();
    folder = await mothership.copy('test/e2e/express-app', app);
    await mothership.ok(['deploy'], { cwd: folder });
  });

  it('starts one web process and no other, after its release command', async () => {
    expect(states(await mothership.ps(app))).to.deep.equal(['web.1 up']);
    const output = await mothership.ok(['builds:output', '-a', app]);
    expect(output).to.contain('migrating v1');
  });

  it('runs web=2 worker=1 when it is scaled', async () => {
    await mothership.ok(['ps:scale', 'web=2', 'worker=1', '-a', app]);
    expect(states(await mothership.ps(app))).to.deep.equal(['web.1 up', 'web.2 up', 'worker.1 up']);
    expect(await dynos()).to.deep.equal(new Set(['web.1', 'web.2']));
    expect(await mothership.current(app)).to.equal(1);
  });

  it('echoes over a WebSocket', async () => {
    const socket = await mothership.ws(app);
    for (const text of ['one', 'zwei 🚀', 'x'.repeat(100_000)]) {
      socket.send(text);
      const [data] = (await once(socket, 'message')) as [Buffer];
      expect(data.toString())
        .to.match(/^web\.[12]: /)
        .and.to.contain(text);
    }
    socket.close();
  });

  it('lets its worker and one-offs reach the web processes by name', async () => {
    const line = await eventually("the worker's line", 20, async () =>
      (await mothership.ok(['logs', '-a', app, '--ps', 'worker', '-n', '50']))
        .split('\n')
        .find((each) => /worker\.1 reached web\.[12]/.test(each)),
    );
    expect(line).to.match(/reached web/);
    const script = `fetch('http://web:' + process.env.PORT).then((r) => r.json()).then(({ dyno }) => console.log(dyno))`;
    expect(await mothership.ok(['run', '-a', app, '--', 'node', '-e', script])).to.match(/^web\.[12]\n$/);
  });

  it('tells a process what the client asked for', async () => {
    const { host, proto } = JSON.parse((await mothership.http(app)).body) as Record<string, string>;
    expect({ host, proto }).to.deep.equal({ host: `${app}.localhost`, proto: 'http' });
  });

  it('changes size and keeps its quantity', async () => {
    await mothership.ok(['ps:type', 'web=256M/0.5', '-a', app]);
    const { formation } = await mothership.info(app);
    expect(formation.find(({ type }) => type === 'web')).to.deep.include({
      quantity: 2,
      size: { memory: 256 * 2 ** 20, cpus: 0.5 },
    });
    const [container] = (
      await mothership.engine.containers({ 'mothership.app': app, 'mothership.type': 'web' })
    ).filter(({ running }) => running);
    const limits = await mothership.node.docker([
      'inspect',
      '-f',
      '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}',
      container!.id,
    ]);
    expect(limits).to.equal(`${256 * 2 ** 20} 500000000`);
  });

  it('restarts into new processes of the same release', async () => {
    const before = (await mothership.ps(app)).map(({ id }) => id);
    await mothership.ok(['ps:restart', '-a', app]);
    const after = await mothership.ps(app);
    expect(states(after)).to.deep.equal(['web.1 up', 'web.2 up', 'worker.1 up']);
    expect(after.map(({ id }) => id)).to.not.include.members(before);
    expect(await mothership.current(app)).to.equal(1);
  });

  it('stops a process type, and starts it again by scaling', async () => {
    await mothership.ok(['ps:stop', 'worker', '-a', app]);
    await eventually(
      'no worker',
      20,
      async () => !states(await mothership.ps(app)).some((each) => each.startsWith('worker')),
    );
    await mothership.ok(['ps:scale', 'worker+1', '-a', app]);
    expect(states(await mothership.ps(app))).to.include('worker.1 up');
  });

  it('answers 503 with nothing to run, and serves again', async () => {
    await mothership.ok(['ps:scale', 'web=0', '-a', app]);
    await eventually('503', 5, async () => (await mothership.http(app)).status === 503);
    await mothership.ok(['ps:scale', 'web=1', '-a', app]);
    expect((await mothership.http(app)).status).to.equal(200);
  });

  it('replaces a process that dies, and says so', async () => {
    const [web] = (await mothership.engine.containers({ 'mothership.app': app, 'mothership.type': 'web' })).filter(
      ({ running }) => running,
    );
    await mothership.engine.killContainer(web!.id);
    await eventually('served again', 30, async () => (await mothership.http(app)).status === 200);
    const [task] = await mothership.ps(app);
    expect(task).to.include({ name: 'web.1', state: 'up' });
    expect(task!.detail).to.match(/137|killed/);
  });

  it('keeps what ran when the release command fails', async () => {
    const { code, stderr } = await mothership.mothership(['config:set', 'MIGRATION=4', '-a', app]);
    expect(code).to.equal(1);
    expect(stderr).to.contain('exit code 4');
    expect(JSON.parse((await mothership.http(app)).body)).to.include({ release: 'v1' });
    expect((await mothership.releases(app))[0]).to.include({ version: 2, status: 'failed', current: false });
  });

  it('deploys a changed dependency from a folder with spaces and unicode in its path', async () => {
    const odd = await mothership.copy('test/e2e/express-app', 'größe & spaces');
    await writeFile(join(odd, '.mothership.json'), JSON.stringify({ app }));
    await writeFile(join(odd, 'ünïcode file.txt'), 'kept');
    await mothership.ok(['deploy'], { cwd: odd });
    expect(await mothership.ok(['run', '-a', app, '--', 'cat', 'ünïcode file.txt'])).to.equal('kept');
  });
});
