import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { platformImageFiles } from '../fixtures/cluster-fixture.ts';
import { Cluster, eventually } from '../fixtures/cluster.ts';
import { install, ROOT } from '../fixtures/installation.ts';
import type { LabNode } from '../lab/index.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { VmLab } from './vm-lab.ts';

const app = 'mesh';

/** The platform on machines with a kernel of their own: the router on Swarm's ingress mesh. Debian 12 has Docker 20.10, the oldest that is supported. */
describe('a cluster of two virtual machines', function () {
  this.timeout(3_600_000);
  let lab: VmLab;
  let home: string;
  let installation: string;

  const said = (what: string): void =>
    void process.stderr.write(`    ${what} after ${Math.round((Date.now() - began) / 1000)} s\n`);
  const began = Date.now();
  const hosts = (): string => lab.machines.map(({ address }) => `root@${address}`).join();
  /** The command line here; requests go to that machine's port 80. */
  const at = ({ address }: VirtualMachine): Cluster =>
    new Cluster({ node: { dockerHost: 'unix:///nowhere.sock', ip: address } as LabNode, installation, home });
  const first = (): Cluster => at(lab.machines[0]!);

  before(async () => {
    const images = await platformImageFiles();
    said('images');
    home = await mkdtemp(join(tmpdir(), 'mothership-vm-'));
    installation = await install(join(home, 'mothership'));
    lab = await VmLab.start(2, images);
    said('two machines');
    for (const machine of lab.machines)
      await eventually(
        `the engine of ${machine.name}`,
        600,
        async () => (await machine.ssh(['docker', 'version'])).code === 0,
      );
    for (const [index] of images.entries())
      await lab.machines[0]!.must(['sh', '-c', 'docker load < "$1"', 'sh', `/dev/vd${'bcdefg'[index]}`]);
    said('images in the first');
  });

  after(async () => {
    await lab?.stop();
    if (home) await rm(home, { recursive: true, force: true });
  });

  it('is set up over SSH, with the router on the mesh', async () => {
    const setup = [
      'setup',
      '--provider',
      'ssh',
      '--host',
      hosts(),
      '--managers',
      '1',
      '--ssh-key',
      lab.machines[0]!.image.key,
      '--yes',
    ];
    for (let run = 1; ; run += 1) {
      const { code, stderr } = await first().mothership(setup);
      // Emulated processors are slower than its deadlines allow for; as its error says, it continues from where it stopped.
      const late = /setup again; it continues from here|Run this command again/.test(stderr);
      if (code !== 0 && late && run < 4) continue;
      expect(code, stderr.slice(-4000)).to.equal(0);
      said(`cluster, at run ${run},`);
      break;
    }
    const { nodes } = await first().json<{ nodes: { state: string }[] }>(['cluster:info']);
    expect(nodes.map(({ state }) => state)).to.deep.equal(['ready', 'ready']);
    const router = await lab.machines[0]!.must([
      'docker',
      'service',
      'inspect',
      '--format',
      '{{range .Spec.EndpointSpec.Ports}}{{.PublishedPort}} {{.PublishMode}}\n{{end}}',
      'mothership-router',
    ]);
    expect(router.split('\n').sort()).to.deep.equal(['443 ingress', '80 ingress']);
  });

  it('answers for an app on port 80 of both machines, wherever its process and the router are', async () => {
    await deployTiny();
    said('app');
    for (const machine of lab.machines) await answers(machine);
    const [router] = lab.machines.slice(1);
    await first().ok(['nodes:label', router!.name, 'role.router=true']);
    await eventually('one router', 300, async () => (await tasksOf('mothership-router')).join() === router!.name);
    for (const machine of lab.machines) await answers(machine);
    said('answers of both');
  });

  async function deployTiny(): Promise<void> {
    const [machine] = lab.machines as [VirtualMachine];
    const controller = await machine.must([
      'docker',
      'service',
      'inspect',
      '--format',
      '{{.Spec.TaskTemplate.ContainerSpec.Image}}',
      'mothership-controller',
    ]);
    const { stdout } = await promisify(execFile)('tar', ['-C', join(ROOT, 'test/e2e/tiny-app'), '-c', '.'], {
      encoding: 'buffer',
    });
    const argv = [
      'docker',
      'build',
      '-q',
      '-t',
      'tiny/mesh:serve',
      '--build-arg',
      `NODE=${controller}`,
      '--build-arg',
      'TEXT=mesh',
      '--build-arg',
      'MODE=serve',
      '-',
    ];
    await machine.must(argv, { stdin: stdout });
    await first().ok(['apps:create', app, '--no-link']);
    await first().ok(['config:set', '-a', app, 'MOTHERSHIP_BOOT_TIMEOUT=600']);
    await first().ok(['deploy', '-a', app, '--image', 'tiny/mesh:serve']);
  }

  async function tasksOf(service: string): Promise<string[]> {
    const lines = await lab.machines[0]!.must([
      'docker',
      'service',
      'ps',
      '--filter',
      'desired-state=running',
      '--format',
      '{{.Node}} {{.CurrentState}}',
      service,
    ]);
    return lines
      .split('\n')
      .filter((line) => line.includes('Running'))
      .map((line) => line.split(' ')[0]!);
  }

  /** Ten times in a row, on a connection of its own each. */
  async function answers(machine: VirtualMachine): Promise<void> {
    await eventually(
      `port 80 of ${machine.name}`,
      300,
      async () =>
        (
          await at(machine)
            .http(app)
            .catch(() => undefined)
        )?.status === 200,
    );
    for (let n = 0; n < 10; n += 1) expect(await at(machine).http(app), machine.name).to.deep.include({ status: 200 });
  }
});
