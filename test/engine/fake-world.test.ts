import { expect } from 'chai';
import { engineAddress } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { withFaults } from '../fakes/fake-engine-faults.ts';
import { refusal, serviceSpec } from './subject.ts';

describe('FakeEngine as tests drive it', () => {
  const clock = { ms: 0, now: () => clock.ms };
  let engine: FakeEngine;

  beforeEach(() => {
    clock.ms = 0;
    engine = new FakeEngine({ clock, nodes: [{}, { labels: { zone: 'b' } }] });
  });

  const spec = (change = {}): ReturnType<typeof serviceSpec> => serviceSpec({ image: 'app:1' }, change);
  const states = async (service: string): Promise<string[]> =>
    (await engine.tasks({ service })).map((task) => task.state);

  it('starts tasks when the clock says so, or when it is told to settle', async () => {
    const { name } = spec();
    engine.script(name, { afterMs: 500 });
    await engine.createService(spec({ name }));
    clock.ms = 499;
    expect(await states(name)).to.deep.equal(['assigned']);
    clock.ms = 500;
    expect(await states(name)).to.deep.equal(['running']);
    await engine.scaleService(name, 2);
    expect(await states(name)).to.deep.equal(['running', 'assigned']);
    engine.settle();
    expect(await states(name)).to.deep.equal(['running', 'running']);
  });

  it('holds tasks in preparing until another word', async () => {
    engine.script(/^slow/, { state: 'preparing' });
    await engine.createService(spec({ name: 'slow-1' }));
    expect(await states('slow-1')).to.deep.equal(['preparing']);
    engine.script('slow-1', { state: 'running' });
    expect(await states('slow-1')).to.deep.equal(['running']);
  });

  it('replaces a task that fails after the restart delay', async () => {
    await engine.createService(spec({ name: 'app', restart: { condition: 'any', delayMs: 1000 } }));
    await engine.tasks({});
    engine.failTask('app', { exitCode: 7, error: 'task: non-zero exit (7)' });
    const [failed, next] = await engine.tasks({ service: 'app' });
    expect(failed).to.include({ state: 'failed', exitCode: 7, slot: 1 });
    expect(next).to.include({ state: 'assigned', slot: 1 });
    clock.ms = 1000;
    expect(await states('app')).to.deep.equal(['failed', 'running']);
  });

  it('does not replace what has ended when the policy says so', async () => {
    engine.script('job', { state: 'complete' });
    await engine.createService(spec({ name: 'job', restart: { condition: 'none', delayMs: 0 } }));
    await engine.tasks({});
    expect(await states('job')).to.deep.equal(['complete']);
  });

  it('places by constraints, and again when nodes change', async () => {
    await engine.createService(spec({ name: 'zoned', constraints: ['node.labels.zone == b'] }));
    await engine.createService(spec({ name: 'lost', constraints: ['node.labels.zone == c'] }));
    const [, second] = await engine.nodes();
    expect((await engine.tasks({ service: 'zoned' })).map((task) => task.nodeId)).to.deep.equal([second?.id]);
    expect(await states('lost')).to.deep.equal(['pending']);
    engine.addNode({ labels: { zone: 'c' } });
    await engine.tasks({});
    expect(await states('lost')).to.deep.equal(['running']);
  });

  it('fails where a fault says so', async () => {
    let left = 1;
    const faulty = withFaults(engine, {
      createService: () => (left-- > 0 ? fail('ENGINE_UNREACHABLE', { where: 'test', why: 'told to' }) : undefined),
    });
    await refusal(faulty.createService(spec()), 'ENGINE_UNREACHABLE');
    expect(await faulty.createService(spec())).to.be.a('string');
  });
});

describe('the address in DOCKER_HOST', () => {
  const cases: [string | undefined, object][] = [
    [undefined, { socketPath: '/var/run/docker.sock' }],
    ['', { socketPath: '/var/run/docker.sock' }],
    ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }],
    ['tcp://10.0.0.1:2376', { host: '10.0.0.1', port: 2376 }],
    ['tcp://engine', { host: 'engine', port: 2375 }],
  ];
  for (const [given, expected] of cases) {
    it(`${given ?? 'none'} is ${JSON.stringify(expected)}`, () => expect(engineAddress(given)).to.deep.equal(expected));
  }

  for (const wrong of ['ssh://host', 'http://host:1', 'nonsense', 'tcp://']) {
    it(`${wrong} is refused`, () =>
      refusal(
        Promise.resolve().then(() => engineAddress(wrong)),
        'ENGINE_UNREACHABLE',
      ));
  }
});
