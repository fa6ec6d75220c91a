import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { systemClock, type Event, type Host } from '../../src/events/index.ts';
import {
  Bootstrap,
  LocalMachine,
  sshHosts,
  SshMachine,
  SshProvider,
  withdraw,
  type HostNeeds,
  type Machine,
  type ProvidedMachine,
} from '../../src/provision/index.ts';
import { KnownHosts, SshConnection, SshIdentity, sshTarget } from '../../src/remote/index.ts';
import { containerContract } from '../engine/containers.contract.ts';
import { CONTRACT, refusal } from '../engine/subject.ts';
import { BASE_IMAGE, cleanup, newRunId, startNode, startSsh, type LabNode } from '../lab/index.ts';
import { hostDocker, waitUntil } from '../lab/command.ts';
import { machineContract } from './machine.contract.ts';

/** Holds apt's locks as apt does (fcntl, struct flock: write, from the start, all), for four seconds. */
const LOCK =
  'for (qw(/var/lib/apt/lists/lock /var/lib/dpkg/lock-frontend)) { open(my $f, "+>>", $_) or die; my $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl($f, F_SETLK, $l) or die; push @k, $f } sleep 4';

/** A fresh machine with systemd, and one without, which is the way to the first in some tests. */
describe('hosts over SSH', function () {
  this.timeout(300_000);
  const runId = newRunId();
  const events: Event[] = [];
  const host: Host = {
    notify: (event) => void events.push(event),
    ask: (() => Promise.resolve('')) as unknown as Host['ask'],
  };
  let folder: string;
  let fresh: LabNode;
  let plain: LabNode;
  let identity: SshIdentity;
  let provider: SshProvider;
  let machines: ProvidedMachine[];
  /** Of the plain host, before anything was done to it. */
  let untouched: string;

  const providerOf = (hosts: readonly string[], bastion?: string): SshProvider =>
    new SshProvider({
      hosts: sshHosts(hosts),
      managers: 1,
      identity,
      host,
      clock: systemClock,
      knownHosts: new KnownHosts(join(folder, 'known_hosts')),
      ...(bastion ? { bastion: sshTarget(bastion) } : {}),
    });
  const bootstrap = (machine: Machine): Bootstrap => new Bootstrap({ machine, host, clock: systemClock });
  const needs = (): HostNeeds => ({ peers: machines.map((each) => each.privateAddress) });
  const withRegistry = (): HostNeeds => ({
    ...needs(),
    registry: { host: 'registry.test:5000', ca: Buffer.from('a certificate\n'), addresses: [fresh.ip, plain.ip] },
  });
  const must = async (machine: Machine, argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await machine.run(machine.asRoot(argv));
    expect(code, stderr).to.equal(0);
    return stdout;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-'));
    [fresh, plain] = await Promise.all([
      startNode({ name: 'fresh', runId, kind: 'machine' }),
      startNode({ name: 'plain', runId }),
    ]);
    const keyFiles: string[] = [];
    for (const node of [fresh, plain]) keyFiles.push((await startSsh(node)).keyFile);
    const key = await readFile(`${keyFiles[0]}.pub`);
    const script = `useradd -m -s /bin/bash admin; echo 'admin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin; useradd -m nobody2
      for user in admin nobody2; do mkdir -p /home/$user/.ssh; cp /root/.ssh/authorized_keys /home/$user/.ssh/; chown -R $user /home/$user; done`;
    await fresh.exec(['sh', '-c', script], { stdin: key });
    identity = new SshIdentity({ keyFiles, host });
    await plain.stopEngine();
    untouched = await stateOf(plain);
    provider = providerOf([`root@${fresh.ip}=a`, `root@${plain.ip}`]);
    machines = await provider.create({ cluster: 'x', managers: 1, workers: 1, zones: [] });
  });

  after(async () => {
    await provider.close();
    await cleanup(runId);
    await rm(folder, { recursive: true });
  });

  it('are provided with their names, addresses, zones and roles', () => {
    const [first, second] = machines;
    expect(first).to.include({
      name: 'fresh',
      address: fresh.ip,
      privateAddress: fresh.ip,
      zone: 'a',
      role: 'manager',
      id: `root@${fresh.ip}`,
    });
    expect(second).to.include({ name: 'plain', privateAddress: plain.ip, zone: undefined, role: 'worker' });
  });

  it('say so when they have no engine', async () => {
    expect((await refusal(dockerEngine(machines[0]!.engine).info(), 'ENGINE_UNREACHABLE')).message).to.contain(
      `ssh://root@${fresh.ip}`,
    );
  });

  describe('a machine as root', () => {
    machineContract(() => ({ machine: machines[0]!.machine, port: 22 }));
  });

  describe('a bootstrap', () => {
    it('installs an engine on a fresh machine, with limits on logs, a firewall that outlives a reboot, and says what it does', async () => {
      const { machine, engine } = machines[0]!;
      await bootstrap(machine).run(needs());
      expect(await dockerEngine(engine).info()).to.include({ name: 'fresh', swarm: 'inactive' });
      expect(JSON.parse((await machine.readFile('/etc/docker/daemon.json'))!)).to.have.property(
        'log-driver',
        'json-file',
      );
      expect(await must(machine, ['docker', 'info', '--format', '{{.LoggingDriver}}'])).to.equal('json-file');
      expect(await must(machine, ['systemctl', 'is-enabled', 'mothership-firewall.service'])).to.equal('enabled');
      expect(await must(machine, ['systemctl', 'is-enabled', 'docker.service'])).to.equal('enabled');
      expect((await machine.readFile('/proc/sys/net/ipv4/tcp_retries2'))!.trim()).to.equal('5');
      const phases = events.flatMap((event) => (event.type === 'phase' && event.state === 'done' ? [event.phase] : []));
      expect(phases).to.include('fresh: Install Docker Engine');
    });

    it('starts an engine where there is no systemd', async () => {
      const { machine, engine } = machines[1]!;
      await bootstrap(machine).run(needs());
      expect(await dockerEngine(engine).info()).to.include({ name: 'plain', swarm: 'inactive' });
    });

    it('has nothing left to do the second time', async () => {
      for (const { machine } of machines) {
        await bootstrap(machine).run(withRegistry());
        expect((await bootstrap(machine).plan(withRegistry())).steps.map((step) => step.kind)).to.deep.equal([
          'firewall',
        ]);
      }
    });

    it('lets the engine know the registry', async () => {
      const { machine } = machines[1]!;
      expect(await machine.readFile('/etc/docker/certs.d/registry.test:5000/ca.crt')).to.equal('a certificate\n');
      const found = await must(machine, ['getent', 'ahostsv4', 'registry.test']);
      expect(found).to.contain(fresh.ip).and.contain(plain.ip);
      expect(await machine.resolves('registry.test')).to.equal(true);
      expect(await machine.readFile('/etc/hosts')).to.contain('localhost');
    });

    it('goes on where it was broken off, half an installation included', async () => {
      const { machine } = machines[0]!;
      await must(machine, [
        'sh',
        '-c',
        'systemctl stop docker.socket docker.service; apt-get -qq -y remove docker.io >/dev/null 2>&1; dpkg --unpack --force-depends /var/cache/apt/archives/docker.io*.deb >/dev/null 2>&1 || true; rm /etc/mothership/firewall.sh',
      ]);
      await bootstrap(machine).run(withRegistry());
      expect(await dockerEngine(machines[0]!.engine).info()).to.include({ name: 'fresh' });
      expect(await must(machine, ['dpkg', '--audit'])).to.equal('');
    });

    it('waits while somebody else installs', async () => {
      const { machine } = machines[0]!;
      await must(machine, ['sh', '-c', 'apt-get -qq -y remove docker.io >/dev/null 2>&1']);
      const lock = machine.run(machine.asRoot(['perl', '-MFcntl', '-e', LOCK]));
      await bootstrap(machine).run(withRegistry());
      expect(await lock).to.include({ code: 0 });
      expect(await dockerEngine(machines[0]!.engine).info()).to.include({ name: 'fresh' });
    });
  });

  describe('the firewall', () => {
    before(async () => {
      const { engine, machine } = machines[0]!;
      await dockerEngine(engine).initSwarm({ advertiseAddress: fresh.ip });
      await must(machine, [
        'sh',
        '-c',
        "setsid -f perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>5000,Listen=>9,ReuseAddr=>1) or die; sleep 600' >/dev/null 2>&1 </dev/null",
      ]);
      await waitUntil('something to listen', 10_000, () => machine.accepts('127.0.0.1', 5000));
    });

    it("lets the cluster's nodes and the machine itself in", async () => {
      for (const { machine } of machines) {
        for (const port of [2377, 7946, 5000])
          expect(await machine.accepts(fresh.ip, port), `${machine.name} to ${port}`).to.equal(true);
      }
    });

    it('lets nobody else in, and leaves the rest of the machine open', async () => {
      const outside = new LocalMachine();
      for (const port of [2377, 7946, 5000])
        expect(await outside.accepts(fresh.ip, port), String(port)).to.equal(false);
      expect(await outside.accepts(fresh.ip, 22)).to.equal(true);
    });

    it('lets a node join', async () => {
      const token = await must(machines[0]!.machine, ['docker', 'swarm', 'join-token', '-q', 'worker']);
      await must(machines[1]!.machine, [
        'docker',
        'swarm',
        'join',
        '--token',
        token,
        '--advertise-addr',
        plain.ip,
        `${fresh.ip}:2377`,
      ]);
      expect((await dockerEngine(machines[0]!.engine).nodes()).map((node) => node.hostname)).to.have.members([
        'fresh',
        'plain',
      ]);
    });

    it('is back after the unit is started, as at boot', async () => {
      const { machine } = machines[0]!;
      await must(machine, ['sh', '-c', 'iptables -t mangle -F PREROUTING']);
      expect(await new LocalMachine().accepts(fresh.ip, 2377)).to.equal(true);
      await must(machine, ['systemctl', 'restart', 'mothership-firewall.service']);
      expect(await new LocalMachine().accepts(fresh.ip, 2377)).to.equal(false);
    });
  });

  describe('an engine over SSH', () => {
    let engine: Engine;

    before(async () => {
      await hostDocker(['save', '-o', join(plain.directory, 'base.tar'), BASE_IMAGE]);
      await must(machines[1]!.machine, ['docker', 'load', '-q', '-i', '/run/lab/base.tar']);
      engine = dockerEngine(machines[1]!.engine);
    });

    afterEach(async () => {
      for (const container of await engine.containers(CONTRACT)) await engine.removeContainer(container.id);
      for (const image of await engine.images(CONTRACT)) for (const tag of image.tags) await engine.removeImage(tag);
    });

    containerContract(() => ({
      engine,
      image: BASE_IMAGE,
      teachProgram: () => undefined,
      teachService: () => undefined,
    }));
  });

  describe('somebody with sudo, through a bastion', () => {
    let through: SshProvider;
    let provided: ProvidedMachine;

    before(async () => {
      through = providerOf([`admin@${fresh.ip}`], `root@${plain.ip}`);
      [provided] = (await through.list('x')) as [ProvidedMachine];
    });

    after(() => through.close());

    machineContract(() => ({ machine: provided.machine, port: 22 }));

    it('reaches the engine and can prepare the host', async () => {
      expect(await dockerEngine(provided.engine).info()).to.include({ name: 'fresh', swarm: 'manager' });
      await bootstrap(provided.machine).run(withRegistry());
    });
  });

  it('refuse who may not become root', async () => {
    const connection = new SshConnection({
      target: sshTarget(`nobody2@${fresh.ip}`),
      identity,
      host,
      clock: systemClock,
      knownHosts: new KnownHosts(join(folder, 'known_hosts')),
    });
    expect((await refusal(SshMachine.open(connection), 'SSH_SUDO_NEEDED')).message).to.contain('nobody2');
    await connection.close();
  });

  it('let in whom the SSH agent holds a key for', async () => {
    const { execa } = await import('execa');
    const { stdout } = await execa('ssh-agent', ['-s']);
    const [, socket = ''] = /SSH_AUTH_SOCK=([^;]+)/.exec(stdout) ?? [];
    const [, pid = ''] = /SSH_AGENT_PID=(\d+)/.exec(stdout) ?? [];
    try {
      await execa('ssh-add', [join(fresh.directory, 'id_ed25519')], { env: { SSH_AUTH_SOCK: socket } });
      const byAgent = new SshIdentity({ keyFiles: [], agent: socket, host });
      const connection = new SshConnection({
        target: sshTarget(`root@${fresh.ip}`),
        identity: byAgent,
        host,
        clock: systemClock,
        knownHosts: new KnownHosts(join(folder, 'known_hosts')),
      });
      expect((await connection.exec(['id', '-un'])).stdout.toString()).to.equal('root\n');
      await connection.close();
    } finally {
      process.kill(Number(pid));
    }
  });

  describe('in the end', () => {
    it('get back what they were when the cluster goes', async () => {
      const { machine } = machines[0]!;
      await withdraw(machine);
      await withdraw(machine);
      expect(await machine.readFile('/etc/mothership/firewall.sh')).to.equal(undefined);
      expect(await machine.readFile('/etc/hosts')).not.to.contain('registry.test');
      expect(await machine.listFolder('/etc/docker/certs.d')).to.deep.equal([]);
      expect(await must(machine, ['iptables', '-t', 'mangle', '-S'])).not.to.contain('MOTHERSHIP');
      expect(await new LocalMachine().accepts(fresh.ip, 2377)).to.equal(true);
      expect((await machine.readFile('/proc/sys/net/ipv4/tcp_retries2'))!.trim()).to.equal('15');
      expect(await machine.readFile('/etc/docker/daemon.json')).to.equal(undefined);
      expect(
        await must(machine, ['systemctl', 'list-units', '--all', '--plain', '--no-legend', '*mothership*']),
      ).to.equal('');
      const files = await machine.run([
        'grep',
        '-rIli',
        'mothership',
        '/etc',
        '/var/lib/mothership',
        '/usr/lib/systemd',
      ]);
      expect(files.stdout).to.equal('');
    });

    it('have every file, rule and setting that they had before', async () => {
      const { machine } = machines[1]!;
      expect(await stateOf(plain)).not.to.equal(untouched);
      await withdraw(machine);
      await withdraw(machine);
      expect(await stateOf(plain)).to.equal(untouched);
    });
  });
});

/** What a host is but for its packages and its engine's data: files with their contents, owners and modes, rules, settings. */
async function stateOf(node: LabNode): Promise<string> {
  const { stdout } = await node.exec([
    'sh',
    '-c',
    `set -- /etc /usr/local /root /var/spool /var/lib/mothership
     find "$@" ! -type d ! -name '*.pid' -printf '%p %m %u:%g %l\\n' 2>/dev/null | sort
     find "$@" -type f ! -name '*.pid' -exec sha256sum {} + 2>/dev/null | sort
     find "$@" -type d -printf '%p/ %m\\n' 2>/dev/null | sort
     iptables -w 10 -t mangle -S | grep -i mothership; cat /proc/sys/net/ipv4/tcp_retries2`,
  ]);
  return stdout;
}
