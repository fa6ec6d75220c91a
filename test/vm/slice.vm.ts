import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { DockerEngine } from '../../src/engine/index.ts';
import { systemClock, type Host } from '../../src/events/index.ts';
import { Bootstrap, sshHosts, SshProvider } from '../../src/provision/index.ts';
import { KnownHosts, SshIdentity } from '../../src/remote/index.ts';
import { ROOT } from '../e2e/installation.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { VmLab } from './vm-lab.ts';

const DROP_IN = '/etc/systemd/system/containerd.service.d/60-mothership.conf';

/** systemd's slices with version 2 of control groups, which containers of a lab on version 1 have not. */
describe('a bootstrap of a virtual machine', function () {
  this.timeout(900_000);
  const host: Host = { notify: () => undefined, ask: (() => Promise.resolve('')) as unknown as Host['ask'] };
  let lab: VmLab;
  let vm: VirtualMachine;
  let folder: string;
  let provider: SshProvider;
  let engine: DockerEngine;

  before(async () => {
    lab = await VmLab.start(1);
    [vm] = lab.machines as [VirtualMachine];
    await vm.must(['systemctl', 'stop', 'docker.socket', 'docker.service', 'containerd.service']);
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
    await new Bootstrap({ machine: made!.machine, host, clock: systemClock }).run({ peers: [vm.privateAddress] });
    engine = new DockerEngine(made!.engine);
    await vm.must([
      'sh',
      '-c',
      'tar -ch /bin/sleep /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2 | docker import - box',
    ]);
  });

  after(async () => {
    await provider?.close();
    await lab?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** The process of a container. */
  const started = async (cgroupParent?: string): Promise<string> => {
    const id = await engine.createContainer({
      image: 'box',
      labels: {},
      env: {},
      networks: [{ id: 'none' }],
      entrypoint: ['/bin/sleep'],
      command: ['600'],
      ...(cgroupParent ? { cgroupParent } : {}),
    });
    await engine.startContainer(id);
    return (await vm.must(['docker', 'inspect', '--format', '{{.State.Pid}}', id])).trim();
  };
  const groupOf = async (cgroupParent?: string): Promise<string> =>
    (await vm.must(['cat', `/proc/${await started(cgroupParent)}/cgroup`])).trim();

  it("puts containers into a slice that goes before the engine's", async () => {
    expect(await groupOf()).to.match(/^0::\/mothership\.slice\/docker-/);
    expect((await vm.must(['cat', '/sys/fs/cgroup/mothership.slice/cpu.weight'])).trim()).to.equal('1600');
    expect((await vm.must(['cat', '/sys/fs/cgroup/system.slice/cpu.weight'])).trim()).to.equal('100');
    expect((await vm.must(['sh', '-c', 'cat /proc/$(pidof dockerd)/cgroup'])).trim()).to.equal(
      '0::/system.slice/docker.service',
    );
  });

  it('leaves the first processor to what is in containers: what starts and ends them has the other', async () => {
    const container = await started();
    const processors = async (pids: string): Promise<string> =>
      vm.must([
        'sh',
        '-c',
        `for pid in ${pids}; do sed -n "s/^Cpus_allowed_list:.//p" /proc/$pid/status; done | sort -u`,
      ]);
    expect((await processors('$(pidof containerd)')).trim()).to.equal('1');
    expect((await processors('$(pgrep -x containerd-shim)')).trim()).to.equal('1');
    expect((await processors(container)).trim()).to.equal('0-1');
    expect((await engine.info()).cpus).to.equal(2);
  });

  it('is what ./bin/quickstart does to a machine, too', async () => {
    const [, steps] = /^(containers_first\(\) \{\n[^]*?^\}\n)/m.exec(
      await readFile(join(ROOT, 'bin/quickstart'), 'utf8'),
    )!;
    const settings = await Promise.all(
      ['slice', 'containerd', 'engine'].map(
        async (which) => (await execa('npx', ['tsx', 'scripts/engine-settings.ts', which], { cwd: ROOT })).stdout,
      ),
    );
    // The script speaks of the machine that it runs on, and the virtual one has two processors.
    settings[1] = settings[1]!.replace(/^AllowedCPUs=.*$/m, 'AllowedCPUs=1');
    const files = ['/etc/systemd/system/mothership.slice', DROP_IN, '/etc/docker/daemon.json'];
    const found = async (): Promise<string> => (await vm.must(['cat', ...files])).trim();
    const before = await found();
    const script = `set -euo pipefail; systemctl disable -q mothership.slice; rm ${files.join(' ')}; as_root() { "$@"; }
      engine_settings() { case $1 in slice) printf '%s\\n' "$SLICE" ;; containerd) printf '%s\\n' "$CONTAINERD" ;; engine) printf '%s\\n' "$ENGINE" ;; esac; }
      ${steps}
      containers_first; systemctl is-enabled mothership.slice`;
    expect(
      await vm.must([
        'env',
        `SLICE=${settings[0]}`,
        `CONTAINERD=${settings[1]}`,
        `ENGINE=${settings[2]}`,
        'bash',
        '-c',
        script,
      ]),
    ).to.contain('enabled');
    expect(await found()).to.equal(before);
  });

  it('says where builds are to be, beside the engine', async () => {
    const { labels } = await engine.info();
    expect(labels).to.deep.equal({ 'mothership.builds-group': 'system.slice' });
    expect(await groupOf(labels['mothership.builds-group'])).to.match(/^0::\/system\.slice\/docker-/);
  });
});
