import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { firewallScript } from '../../src/nodes/index.ts';
import { cleanup, newRunId, NODE_IMAGE, startCluster, startNode, type LabNode } from '../lab/index.ts';
import { waitUntil } from '../lab/command.ts';

const program = (name: string): Promise<string> =>
  readFile(new URL(`../sample-apps/spy/${name}.pl`, import.meta.url), 'utf8');

describe('the firewall of two nodes, against a container of an app', function () {
  this.timeout(300_000);
  const runId = newRunId();
  let first: LabNode;
  let second: LabNode;
  let elsewhere: LabNode;
  let probe: string;
  let targets: string;

  before(async () => {
    [first, second] = (await startCluster(2, { runId })) as [LabNode, LabNode];
    elsewhere = await startNode({ name: 'elsewhere', runId });
    const listener = await program('listen');
    probe = await program('probe');
    for (const node of [first, second]) await node.loadImage(NODE_IMAGE);
    for (const [network, node] of [
      ['victims', first],
      ['attackers', second],
    ] as const) {
      await first.docker(['network', 'create', '-d', 'overlay', '--attachable', network]);
      const app = ['run', '-d', '--name', network, '--network', network, '--user', '1000', '--cap-drop', 'ALL'];
      await waitUntil(`the network ${network}`, 30_000, async () =>
        node.docker([...app, '--entrypoint', 'sleep', NODE_IMAGE, 'infinity']).then(
          () => true,
          () => false,
        ),
      );
    }
    await first.docker(['exec', '-d', 'victims', 'perl', '-e', listener, 'udp', '0.0.0.0', '9998']);
    for (const node of [first, second, elsewhere])
      await node.exec([
        'sh',
        '-c',
        'setsid perl -e "$@" > /dev/null 2>&1 &',
        'sh',
        listener,
        'tcp',
        '0.0.0.0',
        '22',
        'spied',
      ]);
    const inspect = async (format: string, ...what: string[]): Promise<string> =>
      first.docker(['inspect', '-f', format, ...what]);
    const address = await inspect('{{.NetworkSettings.Networks.victims.IPAddress}}', 'victims');
    const overlay = await inspect(
      '{{index .Options "com.docker.network.driver.overlay.vxlanid_list"}}',
      'victims',
      '--type=network',
    );
    targets = [
      `2377 tls ${first.ip} 2377`,
      `22 text ${first.ip} 22 spied`,
      `own-22 text ${second.ip} 22 spied`,
      `elsewhere-22 text ${elsewhere.ip} 22 spied`,
      `frame frame ${first.ip} 9998 ${overlay} ${address}`,
      '',
    ].join('\n');
  });
  after(() => cleanup(runId));

  /** What the app reaches, sorted; frames by what arrived. */
  async function attack(source: string): Promise<string[]> {
    await second.docker(['exec', '-i', 'attackers', 'sh', '-c', 'cat > /tmp/targets'], { stdin: targets });
    const output = await second.docker(['exec', 'attackers', 'perl', '-e', probe, source, '/tmp/targets']);
    const open = [...output.matchAll(/REACH \S+ (\S+) open/g)].map(([, name]) => name!);
    const got = await first.docker(['exec', 'victims', 'sh', '-c', 'cat /tmp/got 2>/dev/null || true']);
    return [...open, ...(got.includes(`${source}-frame`) ? ['frame'] : [])].sort();
  }

  it('is needed: without it, the app reaches every node, and a frame arrives in the network of another app', async () => {
    expect(await attack('before')).to.deep.equal(['22', '2377', 'elsewhere-22', 'frame', 'own-22']);
  });

  it('leaves the app only machines elsewhere, and Swarm as it was', async () => {
    const script = firewallScript([first.ip, second.ip]);
    for (const node of [first, second]) {
      await node.exec(['sh', '-c', 'mkdir -p /etc/mothership && cat > /etc/mothership/firewall.sh'], { stdin: script });
      const { code, stderr } = await node.exec(['sh', '/etc/mothership/firewall.sh']);
      expect(code, stderr).to.equal(0);
    }
    expect(await attack('after')).to.deep.equal(['elsewhere-22']);
    const states = await first.docker(['node', 'ls', '--format', '{{.Status}}']);
    expect(states.split('\n')).to.deep.equal(['Ready', 'Ready']);
  });
});
