import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanup, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { must } from '../lab/command.ts';
import { ROOT } from '../fixtures/installation.ts';

/** The promise: from a clone to a URL that answers. */
const LIMIT_MS = 5 * 60_000;

describe('./bin/quickstart on a fresh machine with only Node, git and apt', function () {
  this.timeout(2 * LIMIT_MS);
  const runId = newRunId();
  let machine: LabNode;
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'mothership-clone-'));
    const bundle = join(scratch, 'mothership.bundle');
    await must(['git', '-C', ROOT, 'bundle', 'create', bundle, 'HEAD']);
    machine = await startNode({ name: 'newcomer', runId, kind: 'machine' });
    await machine.copyIn(bundle, '/root/mothership.bundle');
  });

  after(async () => {
    await cleanup(runId);
    await rm(scratch, { recursive: true, force: true });
  });

  const run = (script: string): ReturnType<LabNode['exec']> => machine.exec(['bash', '-lc', script]);

  it('has no Docker to begin with', async () => {
    expect((await run('command -v docker dockerd')).code).to.not.equal(0);
  });

  it('ends with a URL that answers, in under five minutes', async () => {
    const began = Date.now();
    const { code, stdout, stderr } = await run(
      'cd && git clone -q mothership.bundle app && cd app && ./bin/quickstart --yes',
    );
    expect(code, stderr.slice(-3000)).to.equal(0);
    process.stderr.write(`      quickstart took ${Math.round((Date.now() - began) / 1000)} s\n`);
    expect(Date.now() - began).to.be.below(LIMIT_MS);
    const url = stdout.trim().split('\n').at(-1)!;
    expect(url).to.equal('http://hello.localhost');
    const page = await run(`curl -fsS --resolve hello.localhost:80:127.0.0.1 ${url}`);
    expect(page.stdout, page.stderr).to.contain('Hello from your own cloud.');
  });

  it('puts mothership on the PATH', async () => {
    const { code, stdout } = await run('cd / && mothership apps --json && readlink "$(command -v mothership)"');
    expect(code).to.equal(0);
    expect(stdout).to.contain('"hello"').and.to.contain('/root/app/bin/mothership');
  });

  it('can be run again', async () => {
    const { code, stdout, stderr } = await run('cd ~/app && ./bin/quickstart --yes');
    expect(code, stderr.slice(-3000)).to.equal(0);
    expect(stdout.trim().split('\n').at(-1)).to.equal('http://hello.localhost');
    expect(stderr).to.not.contain('Linked').and.to.not.contain('export PATH');
  });

  it('leaves another program of that name alone, and prints how to get at this one', async () => {
    const other =
      'rm /usr/local/bin/mothership && echo other > /usr/local/bin/mothership && chmod +x /usr/local/bin/mothership';
    const { code, stderr } = await run(`${other} && cd ~/app && ./bin/quickstart --yes`);
    expect(code, stderr.slice(-3000)).to.equal(0);
    const line = /export PATH=\S+/.exec(stderr)![0];
    expect((await run(`${line} && cat /usr/local/bin/mothership && mothership whoami`)).stdout).to.equal(
      'other\nadmin\n',
    );
  });

  it('leaves a command line that is logged in, and a doctor with nothing to say against it', async () => {
    expect((await run('cd ~/app && ./bin/mothership whoami')).stdout.trim()).to.equal('admin');
    const doctor = await run('cd ~/app && ./bin/mothership doctor');
    expect(doctor.code, doctor.stdout).to.equal(0);
  });

  it('destroys the cluster without leaving anything', async () => {
    const destroyed = await run('cd ~/app && ./bin/mothership cluster:destroy --confirm mothership --images');
    expect(destroyed.code, destroyed.stderr).to.equal(0);
    // Debian's engine comes without its client.
    const ask = async (path: string): Promise<unknown> =>
      JSON.parse((await run(`curl -fsS --unix-socket /var/run/docker.sock http://engine${path}`)).stdout);
    for (const path of ['/containers/json?all=1', '/images/json?all=1'])
      expect(await ask(path), path).to.deep.equal([]);
    expect(await ask('/volumes'))
      .to.have.property('Volumes')
      .that.satisfies((volumes: unknown[] | null) => (volumes ?? []).length === 0);
    expect(await ask('/info')).to.have.nested.property('Swarm.LocalNodeState', 'inactive');
    const rules = await run('sudo iptables -t mangle -S; ls -d /etc/mothership /etc/systemd/system/mothership-*');
    expect(rules.stdout)
      .to.contain('-P FORWARD ACCEPT')
      .and.to.not.match(/mothership/i);
  });
});
