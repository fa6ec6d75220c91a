import { expect } from 'chai';
import { BUILDS_SLICE_TEXT } from '../../src/nodes/index.ts';
import type { HostNeeds } from '../../src/provision/index.ts';
import { planBootstrap } from '../../src/provision/bootstrap/bootstrap-plan.ts';
import type { ObservedHost } from '../../src/provision/bootstrap/observe-host.ts';
import { mergedDaemonJson, unmergedDaemonJson } from '../../src/provision/bootstrap/daemon-json.ts';
import { refusal } from '../engine/subject.ts';

const FRESH: ObservedHost = {
  os: { id: 'debian', like: [], name: 'Debian GNU/Linux 13 (trixie)' },
  systemd: true,
  slices: {
    supported: true,
    unit: undefined,
    active: false,
    oldSlice: undefined,
    oldDropIn: undefined,
    daemonJson: undefined,
  },
  apt: true,
  has: { dockerd: false, docker: false, iptables: false },
  halfInstalled: false,
  engine: undefined,
  hosts: '127.0.0.1 localhost\n',
  registryCa: undefined,
  firewallScript: undefined,
  firewallUnit: undefined,
  silenceSettings: undefined,
  silenceRetries: 15,
  memoryBytes: 4 * 2 ** 30,
  diskBytes: 40 * 2 ** 30,
  ufw: false,
  before: undefined,
};
const UNIT = '/etc/systemd/system/system-mothership_builds.slice';
const READY: ObservedHost = { ...FRESH, has: { dockerd: true, docker: true, iptables: true }, engine: '26.1.5' };
const NO_SLICES = { ...FRESH.slices, supported: false };
const PEERS = { peers: ['10.0.0.1', '10.0.0.2'] };
const REGISTRY: HostNeeds = {
  ...PEERS,
  registry: { host: 'registry.test:5000', ca: Buffer.from('CA\n'), addresses: ['10.0.0.2', '10.0.0.1'] },
};

const kinds = (host: ObservedHost, needs: HostNeeds = PEERS): string[] =>
  planBootstrap('box', host, needs).steps.map((step) => {
    if (step.kind === 'remove') return `remove ${step.path}`;
    return step.kind === 'write' ? step.path : step.kind;
  });

/** The host after the plan's files were written. */
function written(host: ObservedHost, needs: HostNeeds): ObservedHost {
  const files = Object.fromEntries(
    planBootstrap('box', host, needs).steps.flatMap((step) =>
      step.kind === 'write' ? [[step.path, step.content.toString()]] : [],
    ),
  );
  return {
    ...host,
    slices: {
      ...host.slices,
      daemonJson: files['/etc/docker/daemon.json'] ?? host.slices.daemonJson,
      unit: files['/etc/systemd/system/system-mothership_builds.slice'] ?? host.slices.unit,
      active: true,
    },
    hosts: files['/etc/hosts'] ?? host.hosts,
    registryCa: files['/etc/docker/certs.d/registry.test:5000/ca.crt'] ?? host.registryCa,
    firewallScript: files['/etc/mothership/firewall.sh'] ?? host.firewallScript,
    firewallUnit: files['/etc/systemd/system/mothership-firewall.service'] ?? host.firewallUnit,
    silenceSettings: files['/etc/sysctl.d/60-mothership.conf'] ?? host.silenceSettings,
    silenceRetries: 5,
    before: files['/var/lib/mothership/before.json'] ?? host.before,
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
      '/etc/systemd/system/system-mothership_builds.slice',
      'slice',
      '/var/lib/mothership/before.json',
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

  it('records once what the settings were', () => {
    const daemonJson = '{"debug": true}';
    const host = { ...FRESH, slices: { ...FRESH.slices, daemonJson } };
    const record = planBootstrap('box', host, PEERS).steps.find(
      (step) => step.kind === 'write' && step.path === '/var/lib/mothership/before.json',
    );
    expect(JSON.parse(String((record as { content: Buffer }).content))).to.deep.equal({ daemonJson, tcpRetries: 15 });
    expect(kinds({ ...written(host, PEERS), silenceRetries: 15 })).not.to.include('/var/lib/mothership/before.json');
  });

  it('installs only what is missing', () => {
    const { steps } = planBootstrap(
      'box',
      {
        ...READY,
        slices: { ...NO_SLICES, daemonJson: '{"log-driver":"local"}' },
        engine: undefined,
        has: { dockerd: true, docker: false, iptables: true },
      },
      PEERS,
    );
    expect(steps.find(({ kind }) => kind === 'packages')).to.deep.include({ names: [], optional: ['docker-cli'] });
  });

  it('finishes an installation that was broken off', () => {
    const packages = (host: ObservedHost) =>
      planBootstrap('box', host, PEERS).steps.find((step) => step.kind === 'packages');
    expect(packages({ ...READY, engine: undefined, halfInstalled: true })).to.deep.include({ names: [], optional: [] });
    expect(packages({ ...READY, halfInstalled: true })).to.equal(undefined);
  });

  it('takes a running engine with its settings as it is', () => {
    expect(kinds({ ...READY, slices: { ...READY.slices, daemonJson: '{"debug":true}' } }))
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
    const steps = kinds({ ...FRESH, systemd: false, slices: NO_SLICES });
    expect(steps.filter((step) => step.includes('systemd') || step === 'slice')).to.deep.equal([]);
  });

  it("writes the builds' slice under a running engine too, once", () => {
    expect(kinds(READY).slice(0, 2)).to.deep.equal([UNIT, 'slice']);
    expect(kinds(written(READY, PEERS))).to.deep.equal(['firewall']);
    expect(kinds({ ...READY, slices: { ...READY.slices, unit: BUILDS_SLICE_TEXT } })[0]).to.equal('slice');
  });

  describe('of an older version', () => {
    /** As version 0.1 wrote them. */
    const OLD = {
      oldSlice: `[Unit]
Description=Containers go before the engine (Mothership)
Before=docker.service

[Slice]
CPUWeight=1600

[Install]
WantedBy=multi-user.target
`,
      oldDropIn: '# Leaves the first processor to apps (Mothership)\n[Service]\nAllowedCPUs=1-3\n',
      daemonJson: `{
  "dns": ["10.0.0.9"],
  "log-driver": "json-file",
  "log-opts": {
    "max-size": "10m",
    "max-file": "3"
  },
  "cgroup-parent": "mothership.slice",
  "labels": [
    "mothership.builds-group=system.slice"
  ]
}
`,
    };
    const old = { ...READY, slices: { ...READY.slices, ...OLD } };
    const daemonJson = (host: ObservedHost): unknown =>
      planBootstrap('box', host, PEERS).steps.flatMap((step) =>
        step.kind === 'write' && step.path.endsWith('daemon.json') ? [JSON.parse(step.content.toString())] : [],
      );

    it('takes back what it wrote, and leaves the engine running', () => {
      expect(kinds(old).slice(0, 5)).to.deep.equal([
        'remove /etc/systemd/system/mothership.slice',
        'remove /etc/systemd/system/containerd.service.d/60-mothership.conf',
        '/etc/docker/daemon.json',
        UNIT,
        'slice',
      ]);
      expect(kinds(old)).not.to.include('start-engine');
      expect(daemonJson(old)).to.deep.equal([
        { dns: ['10.0.0.9'], 'log-driver': 'json-file', 'log-opts': { 'max-size': '10m', 'max-file': '3' } },
      ]);
    });

    it('keeps labels that somebody added, and settings that are not ours', () => {
      const labelled = OLD.daemonJson.replace('system.slice"', 'system.slice", "rack=7"');
      expect(daemonJson({ ...old, slices: { ...old.slices, daemonJson: labelled } })).to.have.nested.property(
        '[0].labels[0]',
        'rack=7',
      );
      const foreign = {
        oldSlice: '[Slice]\nCPUWeight=50\n',
        oldDropIn: '[Service]\nAllowedCPUs=0\n',
        daemonJson: '{"cgroup-parent":"own.slice"}',
      };
      expect(kinds({ ...old, slices: { ...old.slices, ...foreign } }).slice(0, 2)).to.deep.equal([UNIT, 'slice']);
    });
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
    expect(JSON.parse(mergedDaemonJson('box', '{"dns":["10.0.0.9"]}')!)).to.deep.equal({
      dns: ['10.0.0.9'],
      'log-driver': 'json-file',
      'log-opts': { 'max-size': '10m', 'max-file': '3' },
    });
    expect(JSON.parse(mergedDaemonJson('box', undefined)!)).to.have.property('log-driver', 'json-file');
  });

  it('keep what somebody has said about logs', () => {
    expect(mergedDaemonJson('box', '{"log-driver":"journald"}')).to.equal(undefined);
    expect(mergedDaemonJson('box', mergedDaemonJson('box', ''))).to.equal(undefined);
  });

  it('are refused when they make no sense or no Swarm', async () => {
    const slices = (daemonJson: string) => ({ slices: { ...FRESH.slices, daemonJson } });
    await refused(slices('{"dns": ['), 'HOST_DAEMON_JSON');
    await refused(slices('[]'), 'HOST_DAEMON_JSON');
    expect((await refused(slices('{"live-restore":true}'), 'HOST_DAEMON_JSON')).message).to.contain('live-restore');
  });
});

describe('settings of an engine that are given back', () => {
  const ours = (before: string | null): string => mergedDaemonJson('box', before ?? undefined)!;
  const changed = (text: string): string => text.replace('{', '{\n  "mtu": 1400,');

  for (const before of [null, '{}', '{"debug": true}', '{\n\t"debug": true\n}'])
    it(`are what they were: ${before}`, () => expect(unmergedDaemonJson(ours(before), before)).to.equal(before));

  it('keep what was changed since', () => {
    expect(JSON.parse(unmergedDaemonJson(changed(ours('{"debug":true}')), '{"debug":true}')!)).to.deep.equal({
      debug: true,
      mtu: 1400,
    });
    expect(unmergedDaemonJson(ours(null).replace('10m', '99m'), null)).to.equal(undefined);
  });

  it('are left when they were never ours, or are no longer there', () => {
    expect(unmergedDaemonJson(ours(null), ours(null))).to.equal(undefined);
    expect(unmergedDaemonJson(undefined, null)).to.equal(undefined);
    expect(unmergedDaemonJson('not json', null)).to.equal(undefined);
  });
});
