import { expect } from 'chai';
import type { Node } from '../../src/api/index.ts';
import { parseNodeLabels } from '../../src/cli/parse/node-labels.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import { alice } from '../controller/controller.ts';
import { Desk } from './cli.ts';

describe('the nodes of a cluster', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.platform.nodes.update('two', { zone: 'b' }, alice);
    await desk.run('deploy --image nginx -a shop');
    await desk.run('ps:scale web=2 -a shop');
  });
  afterEach(() => desk.close());

  const two = async (): Promise<Node | undefined> =>
    (await desk.platform.nodes.list()).find(({ hostname }) => hostname === 'two');

  const places = async (): Promise<(string | null)[]> => (await desk.platform.ps.list('shop')).map(({ node }) => node);
  /** A service with its data on the second node. */
  const startPostgres = (): Promise<string> =>
    desk.world.engine.createService({
      name: 'postgres',
      labels: {},
      image: 'r',
      env: {},
      networks: [],
      replicas: 1,
      constraints: ['node.hostname == two'],
      mounts: [{ type: 'volume', source: 'pg', target: '/data' }],
      endpointMode: 'dnsrr',
      restart: { condition: 'any', delayMs: 0 },
    });

  it('are listed', async () => {
    expect((await desk.run('nodes')).stdout).to.equal(
      [
        'Node  Kind             State  Zone  Roles  Tasks  Memory       Address',
        'one   manager, leader  ready               1      64M of 7.5G  10.77.0.1',
        'two   worker           ready  b            1      64M of 7.5G  10.77.0.2',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await desk.run('nodes --json')).stdout)[1]).to.include({ hostname: 'two', zone: 'b' });
    expect((await desk.run('cluster:info')).stdout).to.match(/Node +Role +State +Zone +Roles/);
  });

  it('are shown one at a time, with tasks and disk', async () => {
    await startPostgres();
    const { stdout } = await desk.run('nodes:info two');
    expect(stdout)
      .to.match(/^=== two\n/)
      .and.match(/Disk: +[\d.]+ [GT]B of [\d.]+ [GT]B free/)
      .and.match(/^shop +web\.[12] +running .* 512M$/m)
      .and.match(/^- +postgres(\.1)? +running/m);
    expect(JSON.parse((await desk.run('nodes:info two --json')).stdout)).to.include({ hostname: 'two' });
    const missing = await desk.run('nodes:info three');
    expect(missing).to.include({ code: 1, stdout: '' });
    expect(missing.stderr).to.contain('Cannot find the node three.');
  });

  it('take labels, zones and roles', async () => {
    expect(await desk.run('nodes:label two zone=c role.builder=true disk=ssd')).to.include({
      code: 0,
      stdout: '',
      stderr: 'Labelling two... done\n',
    });
    expect(await two()).to.deep.include({ zone: 'c', roles: ['builder'], labels: { disk: 'ssd' } });
    await desk.run('nodes:label two zone- role.builder- disk-');
    expect(await two()).to.deep.include({ zone: null, roles: [], labels: {} });
  });

  for (const line of [
    'nodes:label two',
    'nodes:label two zone',
    'nodes:label two role.king=true',
    'nodes:label two role.router=yes',
    'nodes:label two mothership.task=x',
    'nodes:label two key=a,b',
    'nodes:label two =x',
    'nodes:label',
  ]) {
    it(`refuse "${line}" with exit code 2 and keep theirs`, async () => {
      expect((await desk.run(line)).code).to.equal(2);
      expect(await two()).to.deep.include({ zone: 'b', roles: [], labels: {} });
    });
  }

  it('become managers and workers, with a word on what that means', async () => {
    expect(await desk.run('nodes:promote two')).to.include({
      code: 0,
      stdout:
        'With 2 managers, the cluster cannot be changed while one of them is down. That is no better than 1: use 1, 3 or 5 managers.\n',
    });
    expect((await two())!.role).to.equal('manager');
    await desk.run('nodes:demote two');
    expect((await two())!.role).to.equal('worker');
  });

  it('are drained and taken into use again', async () => {
    expect(await desk.run('nodes:drain two')).to.include({
      code: 0,
      stdout: 'shop\n',
      stderr: ' ›   shop is now served from other nodes\nDraining two... done\n',
    });
    expect((await two())!.availability).to.equal('drain');
    expect((await desk.run('nodes')).stdout).to.contain('ready, drained');
    expect((await desk.run('nodes:drain two --undo')).code).to.equal(0);
    expect((await two())!.availability).to.equal('active');
    expect(JSON.parse((await desk.run('nodes:drain two --json')).stdout)).to.deep.include({
      node: 'two',
      moved: [],
    });
  });

  it('are not drained at a loss, except by force and by name', async () => {
    await startPostgres();
    const refused = await desk.run('nodes:drain two');
    expect(refused.code).to.equal(1);
    expect(refused.stderr)
      .to.contain('two cannot be drained without loss:')
      .and.contain('the only copy of the volume pg')
      .and.contain('--force');
    expect((await desk.run('nodes:drain two --force')).code).to.equal(2);
    expect((await desk.run('nodes:drain two --force --confirm one')).code).to.equal(2);
    expect((await two())!.availability).to.equal('active');
    expect((await desk.run('nodes:drain two --force --confirm two')).code).to.equal(0);
  });

  it('are removed by name only', async () => {
    expect((await desk.run('nodes:remove two')).code).to.equal(2);
    expect(await desk.platform.nodes.list()).to.have.length(2);
    expect((await desk.run('nodes:remove two --confirm two')).stderr).to.match(/^Removing two\.\.\. done\n$/m);
    expect((await desk.platform.nodes.list()).map((node) => node.hostname)).to.deep.equal(['one']);
  });

  it('are evened out', async () => {
    await desk.run('nodes:drain two');
    await desk.run('nodes:drain two --undo');
    expect(await places()).to.deep.equal(['one', 'one']);
    expect(await desk.run('nodes:rebalance')).to.include({
      code: 0,
      stdout: 'shop\n',
      stderr: ' ›   Restarting shop: 2 tasks in 1 of 2 zones\nRebalancing... done\n',
    });
    expect((await places()).sort()).to.deep.equal(['one', 'two']);
    expect((await desk.run('nodes:rebalance --detach')).stdout).to.match(/^[0-9a-f]{16}\n$/);
  });
});

describe('words for labels of a node', () => {
  const cases: [string, object][] = [
    ['zone=eu-west-1a', { zone: 'eu-west-1a' }],
    ['zone-', { zone: null }],
    ['role.router=true', { roles: { router: true } }],
    ['role.router=false', { roles: { router: false } }],
    ['role.builder-', { roles: { builder: false } }],
    ['disk=ssd', { labels: { disk: 'ssd' } }],
    ['empty=', { labels: { empty: '' } }],
    ['a-b=c-', { labels: { 'a-b': 'c-' } }],
    ['a-b-', { labels: { 'a-b': null } }],
    ['url=a=b', { labels: { url: 'a=b' } }],
  ];
  for (const [word, expected] of cases) it(word, () => expect(parseNodeLabels([word])).to.deep.equal(expected));

  for (const word of ['', 'x', '=', '-', 'role.x=true', 'role.router=1']) {
    it(`"${word}" is none`, () =>
      expect(() => parseNodeLabels([word]))
        .to.throw()
        .that.satisfies((error: unknown) => isMothershipError(error, 'NODE_LABEL_INVALID')));
  }
});
