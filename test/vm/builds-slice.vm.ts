import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { limitsOn } from '../../src/builds/sandbox/node-limits.ts';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { systemClock, type Host } from '../../src/events/index.ts';
import { Bootstrap, sshHosts, SshProvider } from '../../src/provision/index.ts';
import { KnownHosts, SshIdentity } from '../../src/remote/index.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { VmLab } from './vm-lab.ts';

/** What version 0.1 wrote on a machine with two processors, without its settings of logs. */
const OLD_FILES = {
  '/etc/systemd/system/mothership.slice': '[Unit]\nDescription=x (Mothership)\n\n[Slice]\nCPUWeight=1600\n',
  '/etc/systemd/system/containerd.service.d/60-mothership.conf': '# x (Mothership)\n[Service]\nAllowedCPUs=1\n',
  '/etc/docker/daemon.json':
    '{ "debug": false, "cgroup-parent": "mothership.slice", "labels": ["mothership.builds-group=system.slice"] }\n',
};

/** systemd with version 2 of control groups, which the lab's containers do not have. */
describe('a machine that an older version prepared', function () {
  this.timeout(900_000);
  const host: Host = { notify: () => undefined, ask: (() => Promise.resolve('')) as unknown as Host['ask'] };
  let lab: VmLab;
  let vm: VirtualMachine;
  let folder: string;
  let provider: SshProvider;
  let engine: Engine;
  let app: string;

  before(async () => {
    lab = await VmLab.start(1);
    [vm] = lab.machines as [VirtualMachine];
    for (const [path, text] of Object.entries(OLD_FILES))
      await vm.must(['sh', '-c', 'mkdir -p "$(dirname "$1")"; printf %s "$2" > "$1"', 'sh', path, text]);
    await vm.must(['systemctl', 'daemon-reload']);
    await vm.must(['systemctl', 'restart', 'containerd.service', 'docker.service']);
    folder = await mkdtemp(join(tmpdir(), 'slice-'));
    provider = new SshProvider({
      hosts: sshHosts([`root@${vm.address}`]),
      managers: 1,
      identity: new SshIdentity({ keyFiles: [vm.image.key], host }),
      host,
      clock: systemClock,
      knownHosts: new KnownHosts(join(folder, 'known_hosts')),
    });
    const [made] = await provider.create({ cluster: 'x', managers: 1, workers: 0, zones: [] });
    engine = dockerEngine(made!.engine);
    await vm.must(['sh', '-c', 'tar -C / -c bin/busybox | docker import - box >/dev/null']);
    app = await start();
    expect(await groupOf(app)).to.match(/^0::\/mothership\.slice\/docker-/);
    await new Bootstrap({ machine: made!.machine, host, clock: systemClock }).run({ peers: [vm.privateAddress] });
  });

  after(async () => {
    await provider?.close();
    await lab?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function start(cgroupParent?: string): Promise<string> {
    const id = await engine.createContainer({
      image: 'box',
      labels: {},
      env: {},
      networks: [{ id: 'none' }],
      entrypoint: ['/bin/busybox', 'sleep'],
      command: ['600'],
      ...(cgroupParent ? { cgroupParent } : {}),
    });
    await engine.startContainer(id);
    return id;
  }

  async function groupOf(container: string): Promise<string> {
    const pid = await vm.must(['docker', 'inspect', '--format', '{{.State.Pid}}', container]);
    return vm.must(['cat', `/proc/${pid}/cgroup`]);
  }

  it('loses what that version wrote, with its containers running', async () => {
    for (const path of Object.keys(OLD_FILES).slice(0, 2))
      expect((await vm.ssh(['test', '-e', path])).code, path).to.equal(1);
    expect(JSON.parse(await vm.must(['cat', '/etc/docker/daemon.json']))).to.deep.equal({ debug: false });
    expect((await engine.container(app))?.running).to.equal(true);
    const processors = 'sed -n "s/^Cpus_allowed_list:.//p" /proc/$(pidof containerd)/status';
    expect(await vm.must(['sh', '-c', processors])).to.equal('0-1');
  });

  it('has a slice of builds, idle and with limits', async () => {
    const slice = '/sys/fs/cgroup/system.slice/system-mothership_builds.slice';
    expect(await vm.must(['systemctl', 'is-active', 'system-mothership_builds.slice'])).to.equal('active');
    const { cgroup } = limitsOn(await engine.info(), defaultBuildLimits);
    expect(await groupOf(await start(cgroup))).to.match(
      /^0::\/system\.slice\/system-mothership_builds\.slice\/docker-/,
    );
    expect(await vm.must(['cat', `${slice}/cpu.idle`])).to.equal('1');
    for (const limit of ['memory.high', 'memory.max', 'pids.max'])
      expect(await vm.must(['cat', `${slice}/${limit}`]), limit).to.match(/^\d+$/);
  });
});
