import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { cgroupsOf } from './cgroups.js';
import { HOST_SOCKET, hostDocker, run, waitUntil } from './command.js';
import { findMirror } from './debian-mirror.js';
import { runDirectory } from './lab-paths.js';
import {
  BASE_IMAGE,
  cleanup,
  cleanupStale,
  contentKey,
  ensureLabImage,
  findNode,
  forgetImages,
  loadCachedImages,
  newRunId,
  seedImages,
  startCluster,
  startNode,
  startSsh,
} from './index.js';
import type { LabNode } from './index.js';
import { restartSsh } from './start-node.js';

/** A web server of a few words: the base image has Perl and nothing else that listens. */
const SERVER = `use IO::Socket::INET; $SIG{TERM} = sub { exit };
my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1);
while (my $c = $s->accept) { <$c>; print $c "HTTP/1.0 200 OK\\r\\n\\r\\nlab\\n"; close $c }`;

const WEB = ['--endpoint-mode', 'dnsrr', '--network', 'lab', '--no-resolve-image', '--detach', '--name', 'web'];

describe('the lab', function () {
  const runId = newRunId();
  let manager: LabNode;
  let worker: LabNode;
  const key = contentKey('lab.test', runId);

  before(async () => {
    await cleanupStale();
    await ensureLabImage(BASE_IMAGE);
    const nodes = await startCluster(2, { runId });
    manager = nodes[0]!;
    worker = nodes[1]!;
    await Promise.all(nodes.map((node) => node.loadImage(BASE_IMAGE)));
  });

  after(async () => {
    await forgetImages(key);
    await cleanup(runId);
  });

  it('forms a Swarm', async () => {
    const nodes = await manager.docker(['node', 'ls', '--format', '{{.Hostname}} {{.Status}}']);
    expect(nodes.split('\n').sort()).to.deep.equal(['node-1 Ready', 'node-2 Ready']);
  });

  it("resolves a service's name on the other node", async () => {
    await manager.docker(['network', 'create', '-d', 'overlay', '--attachable', 'lab']);
    const onManager = ['--constraint', 'node.hostname==node-1'];
    await manager.docker(['service', 'create', ...WEB, ...onManager, BASE_IMAGE, 'perl', '-e', SERVER]);
    await worker.docker(['run', '-d', '--name', 'client', '--init', '--network', 'lab', BASE_IMAGE, 'sleep', '300']);
    const fetch = ['exec', 'client', 'perl', '-MIO::Socket::INET', '-e'];
    const script = 'my $s = IO::Socket::INET->new("web:8080") or exit 1; print $s "GET /\\r\\n\\r\\n"; print <$s>';
    await waitUntil('web to answer over the overlay', 30_000, async () => {
      const answer = await run(['docker', '-H', worker.dockerHost, ...fetch, script]);
      return answer.stdout.includes('lab');
    });
    const resolved = await worker.docker(['exec', 'client', 'getent', 'hosts', 'web']);
    expect(resolved).to.match(/^10\.\d+\.\d+\.\d+\s+web$/);
  });

  it("makes published ports reachable at the node's address", async () => {
    await worker.docker(['run', '-d', '-p', '8080:8080', BASE_IMAGE, 'perl', '-e', SERVER]);
    const address = `http://${worker.ip}:8080/`;
    const answers = (): Promise<boolean> =>
      fetch(address).then(
        (response) => response.ok,
        () => false,
      );
    await waitUntil('the published port', 10_000, answers);
    expect(await (await fetch(address)).text()).to.equal('lab\n');
  });

  it('passes input, environment and exit codes through exec', async () => {
    const result = await worker.exec(['sh', '-c', 'cat; echo "$WORD" >&2; exit 3'], {
      stdin: 'in',
      env: { WORD: 'err' },
    });
    expect(result).to.deep.equal({ code: 3, stdout: 'in', stderr: 'err\n' });
  });

  it('makes images once and loads them from then on', async () => {
    const make = async (): Promise<void> => void (await manager.docker(['tag', BASE_IMAGE, 'lab-seed:1']));
    expect(await seedImages(manager, ['lab-seed:1'], key, make)).to.equal('made');
    expect(await seedImages(worker, ['lab-seed:1'], key, () => Promise.reject(new Error('made twice')))).to.equal(
      'loaded',
    );
    expect(await worker.docker(['image', 'inspect', '-f', '{{.Os}}', 'lab-seed:1'])).to.equal('linux');
    expect(await loadCachedImages(worker.socket, 'unknown')).to.equal(false);
  });

  it('survives the death of an engine', async () => {
    await worker.stopEngine('KILL');
    expect(await worker.engineAnswers()).to.equal(false);
    await worker.startEngine();
    const ready = async (): Promise<boolean> =>
      (await manager.docker(['node', 'inspect', '-f', '{{.Status.State}}', 'node-2'])) === 'ready';
    await waitUntil('the worker to be back', 60_000, ready);
  });

  it('lets a key log in over SSH', async () => {
    const { host, user, keyFile } = await startSsh(worker);
    const options = ['-i', keyFile, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
    const result = await run(['ssh', ...options, '-o', 'BatchMode=yes', `${user}@${host}`, 'hostname']);
    expect(result.stdout.trim()).to.equal('node-2');
  });

  it('leaves nothing behind', async () => {
    const label = `label=mothership.lab=${runId}`;
    const volumes = (): Promise<string> => hostDocker(['volume', 'ls', '-q', '--filter', label]);
    expect((await volumes()).split('\n')).to.have.length(2);
    await cleanup(runId);
    expect(await findNode(runId, 'node-1')).to.equal(undefined);
    expect(await hostDocker(['ps', '-aq', '--filter', label])).to.equal('');
    expect(await volumes()).to.equal('');
    expect(existsSync(runDirectory(runId))).to.equal(false);
    expect(await cgroupsOf(runId)).to.deep.equal([]);
  });
});

describe('a fresh machine', function () {
  const runId = newRunId();
  let machine: LabNode;

  before(async () => {
    await ensureLabImage(BASE_IMAGE);
    machine = await startNode({ name: 'fresh', runId, kind: 'machine' });
  });

  after(() => cleanup(runId));

  it('has systemd, npm and no Docker', async () => {
    expect((await machine.exec(['systemctl', 'is-active', 'ssh'])).stdout).to.equal('active\n');
    expect((await machine.exec(['npm', '--version'])).code).to.equal(0);
    expect((await machine.exec(['docker', '--version'])).code).to.not.equal(0);
  });

  it('is let into by SSH, also when systemd had given up on it for want of keys', async () => {
    await machine.exec(['sh', '-c', 'rm /etc/ssh/ssh_host_*; for i in 1 2 3 4 5 6; do systemctl restart ssh; done']);
    expect((await machine.exec(['systemctl', 'is-active', 'ssh'])).stdout).to.equal('failed\n');
    await restartSsh(machine);
    expect((await machine.exec(['systemctl', 'is-active', 'ssh'])).stdout).to.equal('active\n');
  });

  it('runs an engine once Docker is installed, and takes its groups along when it goes', async () => {
    const install = 'apt-get update && apt-get install -y --no-install-recommends docker.io docker-cli';
    const installed = await machine.exec(['sh', '-c', install]);
    expect(installed.code, installed.stderr).to.equal(0);
    await run([
      'sh',
      '-c',
      'docker -H "$1" save "$2" | docker -H "$1" exec -i "$3" docker load',
      'sh',
      `unix://${HOST_SOCKET}`,
      BASE_IMAGE,
      machine.container,
    ]);
    const started = await machine.exec(['docker', 'run', '-d', BASE_IMAGE, 'sleep', '1000']);
    const group = `/sys/fs/cgroup/pids/docker/${started.stdout.trim()}`;
    expect(started.code, started.stderr).to.equal(0);
    await cleanup(runId);
    expect(existsSync(group)).to.equal(false);
  });
});

describe('an interrupted run', () => {
  it('is removed by the next one', async () => {
    const script = `import { startNode } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      process.stdout.write((await startNode({ name: 'lost' })).runId); process.exit(1)`;
    const lost = await run([process.execPath, '--import', 'tsx', '--input-type=module', '-e', script]);
    expect(await findNode(lost.stdout, 'lost')).to.not.equal(undefined);
    expect(await cleanupStale()).to.include(lost.stdout);
    expect(await findNode(lost.stdout, 'lost')).to.equal(undefined);
  });
});

describe('the Debian mirror', () => {
  const sources = `Types: deb deb-src\nURIs: http://security.example/\nSuites: trixie-security\n
Types: deb\nURIs: http://old.example/\nSuites: trixie\nEnabled: no\n
Types: deb\nURIs: http://debian.example/debian\nSuites: trixie trixie-updates\nComponents: main\n`;

  it('is read from deb822 sources', () => {
    expect(findMirror([{ name: 'a.sources', text: sources }], 'trixie')).to.equal('http://debian.example/debian');
  });

  it('is read from one-line sources', () => {
    const text = '# deb http://no.example trixie main\ndeb [signed-by=/k.gpg] http://yes.example/debian trixie main\n';
    expect(findMirror([{ name: 'sources.list', text }], 'trixie')).to.equal('http://yes.example/debian');
    expect(findMirror([{ name: 'sources.list', text }], 'sid')).to.equal(undefined);
  });
});
