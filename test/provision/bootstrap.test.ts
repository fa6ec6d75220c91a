import { expect } from 'chai';
import { planBootstrap, type HostNeeds, type ObservedHost } from '../../src/provision/index.ts';
import { mergedDaemonJson } from '../../src/provision/bootstrap/daemon-json.ts';
import { refusal } from '../engine/subject.ts';

const FRESH: ObservedHost = {
  os: { id: 'debian', like: [], name: 'Debian GNU/Linux 13 (trixie)' },
  systemd: true,
  slices: true,
  apt: true,
  has: { dockerd: false, docker: false, iptables: false },
  halfInstalled: false,
  engine: undefined,
  daemonJson: undefined,
  sliceUnit: undefined,
  containerdDropIn: undefined,
  hosts: '127.0.0.1 localhost\n',
  registryCa: undefined,
  firewallScript: undefined,
  firewallUnit: undefined,
  silenceSettings: undefined,
  silenceRetries: 15,
  cpus: 4,
  memoryBytes: 4 * 2 ** 30,
  diskBytes: 40 * 2 ** 30,
  ufw: false,
};
const READY: ObservedHost = { ...FRESH, has: { dockerd: true, docker: true, iptables: true }, engine: '26.1.5' };
const PEERS = { peers: ['10.0.0.1', '10.0.0.2'] };
const REGISTRY: HostNeeds = {
  ...PEERS,
  registry: { host: 'registry.test:5000', ca: Buffer.from('CA\n'), addresses: ['10.0.0.2', '10.0.0.1'] },
};

const kinds = (host: ObservedHost, needs: HostNeeds = PEERS): string[] =>
  planBootstrap('box', host, needs).steps.map((step) => (step.kind === 'write' ? step.path : step.kind));

/** The host after the plan's files were written. */
function written(host: ObservedHost, needs: HostNeeds): ObservedHost {
  const files = Object.fromEntries(
    planBootstrap('box', host, needs).steps.flatMap((step) =>
      step.kind === 'write' ? [[step.path, step.content.toString()]] : [],
    ),
  );
  return {
    ...host,
    daemonJson: files['/etc/docker/daemon.json'] ?? host.daemonJson,
    sliceUnit: files['/etc/systemd/system/mothership.slice'] ?? host.sliceUnit,
    containerdDropIn: files['/etc/systemd/system/containerd.service.d/60-mothership.conf'] ?? host.containerdDropIn,
    hosts: files['/etc/hosts'] ?? host.hosts,
    registryCa: files['/etc/docker/certs.d/registry.test:5000/ca.crt'] ?? host.registryCa,
    firewallScript: files['/etc/mothership/firewall.sh'] ?? host.firewallScript,
    firewallUnit: files['/etc/systemd/system/mothership-firewall.service'] ?? host.firewallUnit,
    silenceSettings: files['/etc/sysctl.d/60-mothership.conf'] ?? host.silenceSettings,
    silenceRetries: 5,
  };
}

const refused = (host: Partial<ObservedHost>, code: 'HOST_UNSUPPORTED' | 'HOST_DAEMON_JSON') =>
  refusal(
    Promise.resolve().then(() => planBootstrap('box', { ...FRESH, ...host }, PEERS)),
    code,
  );

describe('the plan for a host', () => {
  it("is everything on a fresh one, the engine's settings before the engine, the firewall before its start", () => {
    expect(kinds(FRESH)).to.deep.equal([
      '/etc/systemd/system/mothership.slice',
      '/etc/systemd/system/containerd.service.d/60-mothership.conf',
      'slice',
      '/etc/docker/daemon.json',
      'packages',
      '/etc/mothership/firewall.sh',
      '/etc/systemd/system/mothership-firewall.service',
      'firewall',
      '/etc/sysctl.d/60-mothership.conf',
      'silence',
      'start-engine',
    ]);
  });

  it('installs only what is missing', () => {
    const [step] = planBootstrap(
      'box',
      {
        ...READY,
        slices: false,
        engine: undefined,
        has: { dockerd: true, docker: false, iptables: true },
        daemonJson: '{"log-driver":"local"}',
      },
      PEERS,
    ).steps;
    expect(step).to.deep.include({ kind: 'packages', names: [], optional: ['docker-cli'] });
  });

  it('finishes an installation that was broken off', () => {
    const packages = (host: ObservedHost) =>
      planBootstrap('box', host, PEERS).steps.find((step) => step.kind === 'packages');
    expect(packages({ ...READY, engine: undefined, halfInstalled: true })).to.deep.include({ names: [], optional: [] });
    expect(packages({ ...READY, halfInstalled: true })).to.equal(undefined);
  });

  it('takes a running engine with its settings as it is', () => {
    expect(kinds({ ...READY, daemonJson: '{"debug":true}' }))
      .not.to.include.members(['packages'])
      .and.not.include.members(['/etc/docker/daemon.json']);
  });

  it('leaves a kernel alone that is less patient, or does not tell', () => {
    expect(kinds({ ...FRESH, silenceRetries: 3 }))
      .to.include('/etc/sysctl.d/60-mothership.conf')
      .and.not.include('silence');
    expect(kinds({ ...FRESH, silenceRetries: undefined })).not.to.include.members([
      'silence',
      '/etc/sysctl.d/60-mothership.conf',
    ]);
  });

  it('has no units where there is no systemd', () => {
    const steps = kinds({ ...FRESH, systemd: false, slices: false });
    expect(steps.filter((step) => step.includes('systemd') || step === 'slice')).to.deep.equal([]);
  });

  it('gives containers their slice before an engine starts, again after an interruption, and never under a running one', () => {
    const interrupted = written(FRESH, PEERS);
    expect(kinds(interrupted).slice(0, 2)).to.deep.equal(['slice', 'packages']);
    expect(kinds(READY).filter((step) => step.includes('slice'))).to.deep.equal([]);
  });

  it('knows no slices where the engine would not take them', () => {
    const older = { ...FRESH, slices: false };
    expect(kinds(older).filter((step) => step.includes('slice'))).to.deep.equal([]);
    expect(written(older, PEERS).daemonJson).to.contain('max-size').and.not.contain('slice');
  });

  it('leaves the first processor to apps where there is another', () => {
    const written = (cpus: number): string[] =>
      planBootstrap('box', { ...FRESH, cpus }, PEERS).steps.flatMap((step) =>
        step.kind === 'write' && step.path.includes('containerd') ? [step.content.toString()] : [],
      );
    expect(written(4)).to.have.length(1);
    expect(written(4)[0]).to.match(/^\[Service\]\nAllowedCPUs=1-3$/m);
    expect(written(2)[0]).to.match(/^AllowedCPUs=1$/m);
    expect(written(1)).to.deep.equal([]);
  });

  it("sets nothing but the kernel's rules when it is applied again", () => {
    const ready = written(READY, REGISTRY);
    expect(kinds(ready, REGISTRY)).to.deep.equal(['firewall']);
    expect(ready.hosts).to.equal(
      '127.0.0.1 localhost\n# BEGIN mothership\n10.0.0.2 registry.test\n10.0.0.1 registry.test\n# END mothership\n',
    );
  });

  it('writes what changes when a node comes', () => {
    const more = { ...REGISTRY, peers: [...PEERS.peers, '10.0.0.3'] };
    expect(kinds(written(READY, REGISTRY), more)).to.deep.equal(['/etc/mothership/firewall.sh', 'firewall']);
  });

  it('leaves the registry alone until it is known', () => {
    expect(kinds(written(READY, REGISTRY), PEERS)).to.deep.equal(['firewall']);
  });

  it('warns of little room and of another firewall', () => {
    expect(
      planBootstrap('box', { ...READY, memoryBytes: 512 * 2 ** 20, diskBytes: 2 ** 30, ufw: true }, PEERS).warnings,
    ).to.have.length(3);
    expect(planBootstrap('box', READY, PEERS).warnings).to.deep.equal([]);
  });

  it('refuses systems that it cannot install on, unless an engine is there', async () => {
    const fedora = { os: { id: 'fedora', like: [], name: 'Fedora Linux 42' }, apt: false };
    expect((await refused(fedora, 'HOST_UNSUPPORTED')).message).to.contain('Fedora Linux 42');
    expect(kinds({ ...READY, ...fedora })).not.to.include('packages');
    await refused(
      { ...fedora, has: { dockerd: true, docker: true, iptables: false }, engine: '28.0.0' },
      'HOST_UNSUPPORTED',
    );
    expect((await refused({ engine: '19.03.15' }, 'HOST_UNSUPPORTED')).message).to.contain('19.03.15');
    expect(kinds({ ...FRESH, os: { id: 'linuxmint', like: ['ubuntu', 'debian'], name: 'Mint' } })).to.include(
      'packages',
    );
  });
});

describe("the engine's settings", () => {
  it('keep what they are, with a limit on logs', () => {
    expect(JSON.parse(mergedDaemonJson('box', '{"dns":["10.0.0.9"]}', false)!)).to.deep.equal({
      dns: ['10.0.0.9'],
      'log-driver': 'json-file',
      'log-opts': { 'max-size': '10m', 'max-file': '3' },
    });
    expect(JSON.parse(mergedDaemonJson('box', undefined, false)!)).to.have.property('log-driver', 'json-file');
    expect(JSON.parse(mergedDaemonJson('box', undefined, true)!)).to.deep.include({
      'log-driver': 'json-file',
      'cgroup-parent': 'mothership.slice',
      labels: ['mothership.builds-group=system.slice'],
    });
  });

  it('keep what somebody has said about control groups', () => {
    expect(JSON.parse(mergedDaemonJson('box', '{"cgroup-parent":"own.slice"}', true)!))
      .to.include({ 'log-driver': 'json-file', 'cgroup-parent': 'own.slice' })
      .and.not.property('labels');
    for (const said of ['"exec-opts":["native.cgroupdriver=cgroupfs"]', '"labels":["rack=7"]'])
      expect(JSON.parse(mergedDaemonJson('box', `{${said}}`, true)!)).not.to.have.property('cgroup-parent');
  });

  it('keep what somebody has said about logs', () => {
    expect(mergedDaemonJson('box', '{"log-driver":"journald"}', false)).to.equal(undefined);
    expect(mergedDaemonJson('box', mergedDaemonJson('box', '', true), true)).to.equal(undefined);
  });

  it('are refused when they make no sense or no Swarm', async () => {
    await refused({ daemonJson: '{"dns": [' }, 'HOST_DAEMON_JSON');
    await refused({ daemonJson: '[]' }, 'HOST_DAEMON_JSON');
    expect((await refused({ daemonJson: '{"live-restore":true}' }, 'HOST_DAEMON_JSON')).message).to.contain(
      'live-restore',
    );
  });
});
