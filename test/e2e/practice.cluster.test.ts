import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanup, cleanupStale, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { loadPlatformImages } from '../fixtures/cluster-fixture.ts';
import { Cluster, eventually } from '../fixtures/cluster.ts';
import { install } from '../fixtures/installation.ts';

interface NodeRow {
  readonly hostname: string;
  readonly state: string;
  readonly zone: string | null;
}

/** Everything happens on a machine of its own, which has Docker and Node.js: what setup does to a machine it does there. */
describe('a practice cluster: many nodes on one machine', function () {
  this.timeout(600_000);
  const runId = newRunId();
  const app = 'rehearsal';
  let machine: LabNode;
  let outside: Cluster;

  /** The program on that machine. */
  const mothership = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await machine.exec([
      'env',
      'XDG_CONFIG_HOME=/root/.config',
      'NO_COLOR=1',
      'node',
      '/opt/mothership/bin/mothership',
      ...argv,
    ]);
    if (code !== 0) throw new Error(`mothership ${argv.join(' ')}: exit ${code}\n${stderr.slice(-4000)}`);
    return stdout;
  };
  const nodes = async (): Promise<NodeRow[]> => JSON.parse(await mothership('nodes', '--json')) as NodeRow[];
  const stateOf = async (name: string): Promise<string | undefined> =>
    (await nodes()).find(({ hostname }) => hostname === name)?.state;
  const containers = async (): Promise<string[]> =>
    (await machine.docker(['ps', '-a', '--format', '{{.Names}}']))
      .split('\n')
      .filter((name) => name.startsWith('mothership-mothership-node'));
  /** What the app answers at a node, asked from the machine. */
  const answers = async (address: string): Promise<string> =>
    (
      await machine.exec([
        'node',
        '-e',
        `
    require('http').get({ host: process.argv[1], headers: { host: '${app}.localhost' }, timeout: 5000 }, (answer) => console.log(answer.resume().statusCode))
  `,
        address,
      ])
    ).stdout.trim();

  before(async () => {
    await cleanupStale();
    machine = await startNode({ name: 'laptop', runId });
    const installation = await install(join(machine.directory, 'mothership'));
    await machine.copyIn(process.execPath, '/usr/local/bin/node');
    await machine.exec(['mkdir', '-p', '/opt/mothership']);
    for (const part of ['bin', 'dist', 'templates', 'buildpacks', 'package.json'])
      await machine.copyIn(join(installation, part), '/opt/mothership/');
    await loadPlatformImages(machine, installation);
    outside = new Cluster({ node: machine, installation, home: join(machine.directory, 'home') });
  });

  after(() => cleanup(runId));

  it('is destroyed though its setup was killed while nodes were being made', async () => {
    const setup = 'XDG_CONFIG_HOME=/root/.config node /opt/mothership/bin/mothership setup --nodes 2 --name half --yes';
    const killed = `${setup} & setup=$!
      until docker ps -a --format '{{.Names}}' | grep -q mothership-half-node-2; do kill -0 $setup || exit 1; sleep 0.1; done
      kill -9 $setup`;
    expect((await machine.exec(['sh', '-c', killed])).code).to.equal(0);
    await mothership('cluster:destroy', '--context', 'half', '--confirm', 'half');
    expect(await machine.docker(['ps', '-a', '--format', '{{.Names}}'])).to.equal('');
    expect(await machine.docker(['network', 'ls', '--format', '{{.Name}}', '--filter', 'type=custom'])).to.equal('');
    expect(await mothership('contexts', '--json')).to.equal('[]\n');
  });

  it('is made by one command', async () => {
    const said = await mothership('setup', '--provider', 'local', '--nodes', '3', '--yes');
    expect(said).to.contain('Limitations of this cluster:').and.to.contain("share this machine's kernel");
    expect((await nodes()).map(({ hostname, state, zone }) => [hostname, state, zone])).to.deep.equal([
      ['laptop', 'ready', 'a'],
      ['node-2', 'ready', 'b'],
      ['node-3', 'ready', 'c'],
    ]);
    await mkdir(join(outside.home, 'mothership'), { recursive: true });
    const file = join(outside.home, 'mothership/contexts.json');
    await machine.copyOut('/root/.config/mothership/contexts.json', file);
    const known = JSON.parse(await readFile(file, 'utf8')) as { contexts: Record<string, { address?: string }> };
    known.contexts['mothership']!.address = machine.ip;
    await writeFile(file, JSON.stringify(known));
  });

  it('runs an app on all nodes, and each of them answers for it', async () => {
    await outside.tinyApp(app);
    await outside.ok(['ps:scale', 'web=3', '-a', app]);
    expect((await outside.ps(app)).map(({ node }) => node).sort()).to.deep.equal(['laptop', 'node-2', 'node-3']);
    const { nodes: all } = await outside.json<{ nodes: { address: string }[] }>(['cluster:info']);
    for (const { address } of all) expect(await answers(address), address).to.equal('200');
  });

  it('is set up again without anything being made', async () => {
    const before = await containers();
    await mothership('setup', '--yes');
    expect(await containers()).to.deep.equal(before);
    expect(await nodes()).to.have.length(3);
  });

  it('rehearses the loss of a node', async () => {
    await mothership('cluster:chaos', 'kill', 'node-3');
    await eventually('node-3 to be given up', 60, async () => (await stateOf('node-3')) === 'down');
    await eventually('three processes elsewhere', 60, async () => {
      const up = (await outside.ps(app)).filter(({ state, node }) => state === 'up' && node !== 'node-3');
      return up.length === 3;
    });
    expect((await outside.http(app)).status).to.equal(200);
    await mothership('cluster:chaos', 'heal', 'node-3');
    await eventually('node-3 to be back', 60, async () => (await stateOf('node-3')) === 'ready');
  });

  it('takes another node, and gives one up with its container', async () => {
    await mothership('nodes:add', '--count', '1', '--yes', '--rebalance');
    expect((await nodes()).map(({ hostname, state }) => `${hostname} ${state}`)).to.deep.equal([
      'laptop ready',
      'node-2 ready',
      'node-3 ready',
      'node-4 ready',
    ]);
    await mothership('nodes:remove', 'node-4', '--confirm', 'node-4');
    expect((await nodes()).map(({ hostname }) => hostname)).to.deep.equal(['laptop', 'node-2', 'node-3']);
    expect((await containers()).some((name) => name.endsWith('4'))).to.equal(false);
    await mothership('setup', '--yes');
    expect(await nodes()).to.have.length(3);
  });

  it('is destroyed without leaving anything', async () => {
    await mothership('cluster:destroy', '--confirm', 'mothership', '--images');
    for (const list of [
      ['ps', '-a', '--format', '{{.Names}} {{.Status}}'],
      ['volume', 'ls', '-q'],
      ['network', 'ls', '--format', '{{.Name}}', '--filter', 'type=custom'],
    ])
      expect(await machine.docker(list), list.join(' ')).to.equal('');
    expect(await machine.docker(['images', '-q', '--filter', 'label=mothership.kind'])).to.equal('');
    expect((await machine.exec(['ls', '/etc/mothership'])).stdout).to.equal('');
  });
});
