import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Build } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

interface ContainerEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

describe('other kinds of apps', function () {
  this.timeout(180_000);
  let mothership: Cluster;

  const kindOf = async (app: string): Promise<string> =>
    (await mothership.json<Build[]>(['builds', '-a', app]))[0]!.kind;

  before(async () => {
    mothership = await cluster();
  });

  /** Scales an app's only process to 0; how its container ended, and what it said. */
  const stopped = async (
    app: string,
    type: string,
  ): Promise<{ signal?: string; exitCode?: string; seconds: number; said: string }> => {
    const [id = ''] = (await mothership.node.docker(['ps', '-q', '--no-trunc', '--filter', `name=${app}`])).split('\n');
    await mothership.ok(['ps:scale', `${type}=0`, '-a', app]);
    const events = async (): Promise<ContainerEvent[]> => {
      const range = ['--since', '5m', '--until', String(Math.ceil(Date.now() / 1000))];
      const one = ['--filter', `container=${id}`, '--format', '{{json .}}'];
      const printed = await mothership.node.docker(['events', ...range, ...one]);
      return printed
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as ContainerEvent);
    };
    const died = await eventually('the process to be ended', 20, async () =>
      (await events()).find(({ Action }) => Action === 'die'),
    );
    const told = (await events()).find(({ Action }) => Action === 'kill')!;
    return {
      signal: told.Actor.Attributes['signal']!,
      exitCode: died.Actor.Attributes['exitCode']!,
      seconds: (died.timeNano - told.timeNano) / 1e9,
      said: await mothership.node.docker(['logs', id]),
    };
  };

  it('a static site: pages, types, its own 404, no hidden files', async () => {
    const folder = await mothership.copy('test/sample-apps/static', 'static-e2e');
    await mothership.ok(['deploy'], { cwd: folder });
    const page = await mothership.http('static-e2e');
    expect(page.status).to.equal(200);
    expect(page.body).to.contain('A static site');
    expect((await mothership.http('static-e2e', '/assets/style.css')).headers['content-type']).to.match(/text\/css/);
    expect((await mothership.http('static-e2e', '/with%20space/%C3%A9.txt')).status).to.equal(200);
    const missing = await mothership.http('static-e2e', '/none');
    expect(missing.status).to.equal(404);
    expect(missing.body).to.contain('Gone');
    expect((await mothership.http('static-e2e', '/.secret')).status).to.be.oneOf([403, 404]);
  });

  it('a binary with a Procfile', async () => {
    const folder = await mothership.copy('test/sample-apps/procfile', 'procfile-e2e');
    await mothership.ok(['deploy'], { cwd: folder });
    expect((await mothership.http('procfile-e2e')).body).to.equal('from a binary\n');
  });

  it('a Dockerfile, whose one exposed port is the one that is asked for', async () => {
    const folder = await mothership.copy('test/sample-apps/dockerfile', 'docker-e2e');
    await mothership.ok(['deploy'], { cwd: folder });
    expect(await kindOf('docker-e2e')).to.equal('dockerfile');
    expect((await mothership.http('docker-e2e')).body).to.equal('from a binary\n');
    expect(await mothership.ok(['run', '-a', 'docker-e2e', '--', 'sh', '-c', 'echo $PORT; cat /app/made'])).to.equal(
      '7000\nmade by the engine\n',
    );
  });

  it('a Dockerfile with a setuid program, which gains nothing', async () => {
    const folder = await mothership.copy('test/sample-apps/dockerfile', 'setuid-e2e');
    const base = await readFile(join(folder, 'Dockerfile'), 'utf8');
    const setuid = 'USER 0\nRUN cp /bin/bash /app/rootbash && chmod 4755 /app/rootbash\n';
    const effective = async (program: string): Promise<number> => {
      const words = ['ps:exec', '-a', 'setuid-e2e', '--', program, '-p', '-c', 'grep CapEff: /proc/self/status'];
      return parseInt((await mothership.ok(words)).replace('CapEff:', '').trim(), 16);
    };
    const [bind, switchUsers] = [1 << 10, (1 << 6) | (1 << 7)];
    await writeFile(join(folder, 'Dockerfile'), `${base}${setuid}USER 1000\n`);
    await mothership.ok(['deploy'], { cwd: folder });
    expect((await effective('/app/rootbash')) & ~bind).to.equal(0);
    // Only an image that starts as root can become another user, and only where nothing can become root again.
    const { nodes } = await mothership.json<{ nodes: { engine: string }[] }>(['cluster:info']);
    const confined = nodes.every(({ engine }) => Number(engine.split('.')[0]) >= 25);
    await writeFile(join(folder, 'Dockerfile'), `${base}${setuid}`);
    await mothership.ok(['deploy'], { cwd: folder });
    expect((await effective('/bin/bash')) & switchUsers).to.equal(confined ? switchUsers : 0);
  });

  it('a Dockerfile by its path, whatever its HEALTHCHECK says', async () => {
    const unhealthy = 'HEALTHCHECK --interval=1s --retries=1 CMD ["false"]\n';
    const folder = await mothership.copy('test/sample-apps/dockerfile', 'based-e2e');
    const dockerfile = await readFile(join(folder, 'Dockerfile'), 'utf8');
    await writeFile(join(folder, 'Special.Dockerfile'), `${dockerfile}${unhealthy}`);
    await mothership.ok(['deploy', '--dockerfile', 'Special.Dockerfile'], { cwd: folder });
    expect((await mothership.http('based-e2e')).body).to.equal('from a binary\n');
  });

  it('no Dockerfile on an image that only the node holds', async () => {
    const base = await mothership.tiny('from-node');
    const folder = await mothership.copy('test/sample-apps/fails/nothing', 'on-node-e2e');
    await writeFile(join(folder, 'Dockerfile'), `FROM ${base}\n`);
    const { code, stderr } = await mothership.mothership(['deploy'], { cwd: folder });
    expect(code, stderr).to.equal(1);
  });

  it('an image that exists, without a source', async () => {
    await mothership.ok(['apps:create', 'image-e2e', '--no-link']);
    const printed = await mothership.ok(['deploy', '-a', 'image-e2e', '--image', await mothership.tiny('image-e2e')]);
    expect(printed).to.equal('http://image-e2e.localhost\n');
    expect((await mothership.http('image-e2e')).body).to.equal('image-e2e\n');
  });

  it('what git holds at a commit, not what lies in the folder', async () => {
    const { execa } = await import('execa');
    const folder = await mothership.copy('test/sample-apps/static', 'git-e2e');
    const git = (...argv: string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...argv], { cwd: folder });
    await git('init', '-q');
    await git('add', '-A');
    await git('commit', '-qm', 'first');
    await git('tag', 'v1.0');
    await writeFile(join(folder, 'index.html'), 'not committed');
    await rm(join(folder, '404.html'));
    await mothership.ok(['deploy', '--ref', 'v1.0'], { cwd: folder });
    expect((await mothership.http('git-e2e')).body).to.contain('A static site');
    expect((await mothership.releases('git-e2e'))[0]!.ref).to.match(/v1\.0|^[0-9a-f]{7,}/);
  });

  it('leaves out what .gitignore and .slugignore name, and .git', async () => {
    const folder = await mothership.copy('test/sample-apps/procfile', 'ignore-e2e');
    await writeFile(join(folder, '.gitignore'), 'secret.env\n');
    await writeFile(join(folder, '.slugignore'), 'docs.txt\n');
    for (const name of ['secret.env', 'docs.txt', 'kept.txt']) await writeFile(join(folder, name), name);
    await mothership.ok(['deploy'], { cwd: folder });
    expect((await mothership.ok(['run', '-a', 'ignore-e2e', '--', 'ls', '/app'])).split('\n'))
      .to.include('kept.txt')
      .and.not.include('docs.txt')
      .and.not.include('secret.env');
  });

  it('a process that does not stop when told to is ended when its time is over', async () => {
    const app = 'stubborn-e2e';
    const folder = await mothership.copy('test/sample-apps/procfile', app);
    await writeFile(join(folder, 'Procfile'), 'worker: bash stubborn.sh\n');
    await writeFile(join(folder, 'stubborn.sh'), 'trap "echo no" TERM\necho here\nwhile :; do sleep 0.1; done\n');
    await mothership.ok(['apps:create', app, '--no-link']);
    await mothership.ok(['config:set', 'MOTHERSHIP_STOP_TIMEOUT=3', '-a', app]);
    await mothership.ok(['deploy', '-a', app], { cwd: folder });
    await mothership.ok(['ps:scale', 'worker=1', '-a', app]);
    const { signal, exitCode, seconds } = await stopped(app, 'worker');
    expect({ signal, exitCode }).to.deep.equal({ signal: '15', exitCode: '137' });
    expect(seconds).to.be.within(2.5, 6);
  });

  it('a server that npm start started has the time to end its work', async () => {
    const app = 'graceful-e2e';
    const folder = await mothership.copy('test/sample-apps/fails/nothing', app);
    await writeFile(join(folder, 'package.json'), '{"scripts":{"start":"node server.js"}}');
    await writeFile(
      join(folder, 'server.js'),
      `require('http').createServer((_, response) => response.end('up')).listen(process.env.PORT);
      process.on('SIGTERM', () => setTimeout(() => { console.log('clean exit'); process.exit(0); }, 3000));`,
    );
    await mothership.ok(['deploy'], { cwd: folder });
    expect((await mothership.http(app)).body).to.equal('up');
    const { seconds, said } = await stopped(app, 'web');
    expect(said).to.contain('clean exit');
    expect(seconds).to.be.within(2.5, 8);
  });
});
