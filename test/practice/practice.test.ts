import { expect } from 'chai';
import { systemClock } from '../../src/events/index.ts';
import { Chaos, PracticeProvider } from '../../src/provision/practice/index.ts';
import { Desk } from '../commands/cli.ts';
import { refusal } from '../engine/subject.ts';
import { FakeDocker } from './fake-docker.ts';

const request = { cluster: 'x', managers: 1, workers: 2, zones: [] };

describe('the provider of practice clusters', () => {
  let docker: FakeDocker;
  let images: number;
  let provider: PracticeProvider;

  beforeEach(() => {
    docker = new FakeDocker();
    images = 0;
    const image = (): Promise<string> => Promise.resolve(`node:${++images}`);
    provider = new PracticeProvider({
      machine: docker,
      engine: { socketPath: '/run/x.sock' },
      address: '127.0.0.1',
      clock: systemClock,
      image,
    });
  });

  it('answers this machine and the containers it made, once', async () => {
    const machines = await provider.create(request);
    expect(
      machines.map(({ name, address, privateAddress, zone, role }) => ({ name, address, privateAddress, zone, role })),
    ).to.deep.equal([
      { name: 'fake', address: '127.0.0.1', privateAddress: '172.20.0.1', zone: 'a', role: 'manager' },
      { name: 'node-2', address: '172.20.0.2', privateAddress: '172.20.0.2', zone: 'b', role: 'worker' },
      { name: 'node-3', address: '172.20.0.3', privateAddress: '172.20.0.3', zone: 'b', role: 'worker' },
    ]);
    await provider.create(request);
    expect([docker.nodes.length, docker.volumes.size, [...docker.networks.keys()], images]).to.deep.equal([
      2,
      2,
      ['mothership-x-nodes'],
      1,
    ]);
    expect((await provider.list('x')).map(({ name }) => name)).to.deep.equal(['fake', 'node-2', 'node-3']);
    expect(await provider.plan(request)).to.deep.equal([]);
  });

  it('says what nodes on one machine cannot show', async () => {
    docker.run = (argv) => Promise.resolve({ code: argv[0] === 'uname' ? 0 : 1, stdout: 'Linux\n', stderr: '' });
    expect((await provider.limits()).join())
      .to.contain("share this machine's kernel")
      .and.to.contain('no IPVS');
    docker.files['/proc/net/ip_vs'] = 'IP Virtual Server';
    expect((await provider.limits()).join()).to.not.contain('no IPVS');
  });

  it('is this machine alone for one node, and asks for no image', async () => {
    const [own, ...others] = await provider.create({ ...request, workers: 0 });
    expect(own).to.include({ name: 'fake', privateAddress: '127.0.0.1', zone: undefined });
    expect([others, images, docker.networks.size]).to.deep.equal([[], 0, 0]);
  });

  it('goes on after it was broken off, whatever there was', async () => {
    docker.networks.set('mothership-x-nodes-draft', '172.20.0.0/16');
    docker.volumes.add('mothership-x-node-2');
    docker.add('x', 3).status = 'exited';
    await provider.create(request);
    expect(docker.nodes.map(({ number, status }) => [number, status])).to.deep.equal([
      [3, 'running'],
      [2, 'running'],
    ]);
    expect([...docker.networks.keys()]).to.deep.equal(['mothership-x-nodes']);
  });

  it('asks for fewer rights where the machine cannot give all, and tells why when none will do', async () => {
    const limited = (argv: readonly string[]) => argv[0] === 'run' && !argv.includes('--cap-drop');
    const error = {
      code: 125,
      stdout: '',
      stderr:
        "docker: Error response from daemon: unable to apply caps: operation not permitted.\n\nRun 'docker run --help' for more information\n",
    };
    docker.refuse = (argv) => (limited(argv) ? error : undefined);
    await provider.create(request);
    expect(docker.ran.filter((argv) => argv[3] === 'run').map((argv) => argv.includes('--cap-drop'))).to.deep.equal([
      false,
      true,
      true,
    ]);
    docker.refuse = (argv) => (argv[0] === 'run' ? error : undefined);
    const refused = await refusal(provider.create({ ...request, workers: 3 }), 'PRACTICE_FAILED');
    expect(refused.message).to.equal(
      'Docker Engine on this machine could not start mothership-x-node-4: unable to apply caps: operation not permitted.',
    );
  });

  it('lists what can be worked on', async () => {
    await provider.create(request);
    docker.nodes[0]!.status = 'paused';
    expect((await provider.list('x')).map(({ name }) => name)).to.deep.equal(['fake', 'node-3']);
  });

  it('leaves nothing of its cluster, and other clusters alone', async () => {
    await provider.create(request);
    docker.add('y', 2);
    await provider.destroy('x');
    expect(docker.nodes.map(({ cluster }) => cluster)).to.deep.equal(['y']);
    expect([docker.volumes.size, docker.networks.size]).to.deep.equal([0, 0]);
    await provider.destroy('x');
  });

  it('needs the program docker, and an engine of this machine', async () => {
    docker.refuse = () => ({ code: 127, stdout: '', stderr: '' });
    await refusal(provider.plan(request), 'PRACTICE_NO_DOCKER');
    const far = { where: 'ssh://box', dial: () => Promise.reject(new Error('not asked')) };
    const elsewhere = new PracticeProvider({
      machine: docker,
      engine: far,
      address: 'x',
      clock: systemClock,
      image: () => Promise.resolve('x'),
    });
    await refusal(elsewhere.plan(request), 'PRACTICE_NO_DOCKER');
  });
});

describe('chaos', () => {
  let docker: FakeDocker;
  let chaos: Chaos;

  beforeEach(() => {
    docker = new FakeDocker();
    chaos = new Chaos(docker.client());
  });

  for (const [kind, after] of [
    ['kill', { status: 'exited', partitioned: false }],
    ['pause', { status: 'paused', partitioned: false }],
    ['partition', { status: 'running', partitioned: true }],
  ] as const) {
    it(`${kind}s a node once, and heals it`, async () => {
      const node = docker.add('x', 2);
      const other = docker.add('x', 3);
      expect((await chaos.inflict(kind, 'node-2')).done).to.have.length(1);
      expect(node).to.include(after);
      await refusal(chaos.inflict('kill', '2'), 'CHAOS_NODE_STOPPED');
      await chaos.heal('mothership-x-node-2');
      expect(node).to.include({ status: 'running', partitioned: false });
      expect(other).to.include({ status: 'running', partitioned: false });
      expect((await chaos.heal('2')).done).to.deep.equal(['node-2 is healthy; there is nothing to heal.']);
    });
  }

  it('harms nothing but practice nodes', async () => {
    await refusal(chaos.inflict('kill', 'node-2'), 'CHAOS_NO_PRACTICE');
    docker.add('x', 2);
    await refusal(chaos.inflict('kill', 'node-7'), 'CHAOS_NODE_UNKNOWN');
    for (const own of ['1', 'node-1', 'fake']) await refusal(chaos.inflict('kill', own), 'CHAOS_THIS_MACHINE');
    docker.add('y', 2);
    await refusal(chaos.inflict('kill', '2'), 'CHAOS_NODE_AMBIGUOUS');
    expect(docker.nodes.every(({ status }) => status === 'running')).to.equal(true);
  });

  it('takes times that can be told apart from node names', async () => {
    const desk = await Desk.open();
    try {
      for (const time of ['soon', '30', '0s', '-1s'])
        expect((await desk.run(['cluster:chaos', 'kill', 'node-2', `--for=${time}`])).stderr).to.include(
          'Invalid value for --for',
        );
      expect((await desk.run('cluster:chaos maim node-2')).code).to.equal(2);
    } finally {
      await desk.close();
    }
  });
});
