import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../lab/command.ts';
import { labRoot } from '../lab/lab-paths.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { VmLab } from './vm-lab.ts';

/** `npm run test:vm`: Swarm's ingress mesh with a real kernel. Takes minutes, so it is no part of `npm test`. */
describe('two virtual machines', function () {
  this.timeout(900_000);
  let lab: VmLab;
  let nodes: readonly VirtualMachine[];

  before(async function () {
    this.timeout(2_400_000);
    const began = Date.now();
    lab = await VmLab.start(2);
    nodes = lab.machines;
    process.stderr.write(`    two machines after ${Math.round((Date.now() - began) / 1000)} s\n`);
  });

  after(() => lab?.stop());

  it('have IPVS and an engine, and reach each other and the outside', async () => {
    const [first, second] = nodes as [VirtualMachine, VirtualMachine];
    for (const node of nodes) {
      await waitUntil(
        `the engine of ${node.name}`,
        300_000,
        async () => (await node.ssh(['docker', 'version'])).code === 0,
      );
      await node.must(['modprobe', 'ip_vs']);
      await node.must(['sh', '-c', 'tar -C / -c bin/busybox | docker import - tiny >/dev/null']);
      expect(await node.must(['hostname'])).to.equal(node.name);
    }
    expect(await first.must(['busybox', 'ping', '-c', '1', '-W', '20', second.privateAddress])).to.contain(
      '1 packets received',
    );
    expect(await first.must(['ip', '-4', 'route', 'get', '192.0.2.1'])).to.contain('dev eth0');
  });

  it('form a Swarm', async () => {
    const [first, second] = nodes as [VirtualMachine, VirtualMachine];
    await first.must(['docker', 'swarm', 'init', '--advertise-addr', first.privateAddress]);
    const token = await first.must(['docker', 'swarm', 'join-token', '-q', 'worker']);
    await second.must([
      'docker',
      'swarm',
      'join',
      '--token',
      token,
      '--advertise-addr',
      second.privateAddress,
      `${first.privateAddress}:2377`,
    ]);
    const ready = async (): Promise<boolean> =>
      (await first.must(['docker', 'node', 'ls', '--format', '{{.Hostname}} {{.Status}}']))
        .split('\n')
        .sort()
        .join() === 'vm-1 Ready,vm-2 Ready';
    await waitUntil('both nodes to be ready', 120_000, ready);
  });

  for (const [where, constraint] of [
    ['the first', 'vm-1'],
    ['the second', 'vm-2'],
  ] as const) {
    it(`answer on port 80 of both through the mesh, with the only task on ${where}`, async () => {
      const [first] = nodes as [VirtualMachine];
      const serve = `echo from ${constraint} > /index.html; exec /bin/busybox httpd -f -p 8080 -h /`;
      const argv = [
        'docker',
        'service',
        'create',
        '--detach',
        '--no-resolve-image',
        '--name',
        'web',
        '--publish',
        '80:8080',
        '--constraint',
        `node.hostname==${constraint}`,
        'tiny',
        '/bin/busybox',
        'sh',
        '-c',
        serve,
      ];
      await first.must(argv);
      const began = Date.now();
      for (const node of nodes)
        await waitUntil(`port 80 of ${node.name}`, 180_000, async () => (await get(node)) === `from ${constraint}\n`);
      process.stderr.write(`    both answer after ${Math.round((Date.now() - began) / 1000)} s\n`);
      for (let n = 0; n < 10; n += 1)
        for (const node of nodes) expect(await get(node)).to.equal(`from ${constraint}\n`);
      await first.must(['docker', 'service', 'rm', 'web']);
      for (const node of nodes)
        await waitUntil(`port 80 of ${node.name} to be closed`, 60_000, async () => (await get(node)) === undefined);
    });
  }

  it('leave nothing when they are stopped', async () => {
    await lab.stop();
    expect(existsSync(join(labRoot(), 'vm-runs', String(process.pid)))).to.equal(false);
    for (const node of nodes) expect(await get(node)).to.equal(undefined);
  });
});

async function get(node: VirtualMachine): Promise<string | undefined> {
  return fetch(`http://${node.address}/`, {
    signal: AbortSignal.timeout(10_000),
    headers: { connection: 'close' },
  }).then(
    (response) => response.text(),
    () => undefined,
  );
}
