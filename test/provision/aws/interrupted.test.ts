import { expect } from 'chai';
import { Ec2Endpoint } from '../../lab/ec2/index.ts';
import { Killed, Mortal, providerFor } from './account.ts';

const REQUEST = { cluster: 'edge', managers: 3, workers: 1, zones: [] };
const NAMES = ['edge-manager-1', 'edge-manager-2', 'edge-manager-3', 'edge-worker-1'];
const WANTED = {
  instances: NAMES,
  volumes: NAMES,
  addresses: NAMES.slice(0, 3),
  groups: ['mothership-edge'],
  keys: ['mothership-edge'],
};
const settings = { elasticAddresses: true };
const isChange = (action: string): boolean => !action.startsWith('Describe');

describe('setup on EC2 that is killed', function () {
  this.timeout(60_000);
  let endpoint: Ec2Endpoint;
  beforeEach(async () => {
    endpoint = await Ec2Endpoint.start();
  });
  afterEach(() => endpoint.close());

  const create = (calls: number, moment: 'before' | 'after', request = REQUEST): Promise<unknown> =>
    providerFor(endpoint, { settings, wrap: (ec2) => new Mortal(ec2, calls, moment) }).create(request);

  const expectKilled = (work: Promise<unknown>): Promise<void> =>
    work.then(
      () => expect.fail('it was not killed'),
      (error: unknown) => void expect(error).to.be.instanceOf(Killed),
    );

  const empty = async (): Promise<void> => {
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal({ instances: [], volumes: [], addresses: [], groups: [], keys: [] });
  };

  /** The numbers of the calls of a whole run that change something: between two of them nothing else can be lost. */
  const changes = async (request = REQUEST): Promise<number[]> => {
    await providerFor(endpoint, { settings }).create(request);
    const found = endpoint.calls.flatMap(({ action }, at) => (isChange(action) ? [at + 1] : []));
    await empty();
    return found;
  };

  it('makes the rest, and nothing twice, whatever call it died after', async () => {
    const points = await changes();
    expect(points).to.have.length.greaterThan(10);
    for (const point of points) {
      await expectKilled(create(point, 'after'));
      await providerFor(endpoint, { settings }).create(REQUEST);
      expect(endpoint.inventory(), `after call ${point}`).to.deep.equal(WANTED);
      await empty();
    }
  });

  it('has made nothing that the next run does not find, when EC2 shows it late', async () => {
    const request = { ...REQUEST, managers: 1, workers: 0 };
    const [name = ''] = NAMES;
    endpoint.world.delay = 2;
    for (const point of await changes(request)) {
      await expectKilled(create(point, 'after', request));
      await providerFor(endpoint, { settings }).create(request);
      // What the dead run took without a token may only be seen now: the next run, or destroy, gives it back.
      await providerFor(endpoint, { settings }).create(request);
      expect(endpoint.inventory(), `after call ${point}`).to.deep.equal({
        ...WANTED,
        instances: [name],
        volumes: [name],
        addresses: [name],
      });
      await empty();
    }
  });

  it('comes to the end although it dies again and again', async () => {
    let deaths = 0;
    for (let calls = 12; deaths < 60; calls += 2) {
      const isDone = await create(calls, 'before').then(
        () => true,
        (error: unknown) => {
          expect(error).to.be.instanceOf(Killed);
          return false;
        },
      );
      if (isDone) break;
      deaths += 1;
    }
    expect(deaths).to.be.within(3, 59);
    expect(endpoint.inventory()).to.deep.equal(WANTED);
  });

  it('is not confused when an answer is lost on the way and the client asks again', async () => {
    for (const action of [
      'RunInstances',
      'AllocateAddress',
      'CreateSecurityGroup',
      'ImportKeyPair',
      'AuthorizeSecurityGroupIngress',
    ])
      endpoint.inject({ action, times: 1, after: true });
    await providerFor(endpoint, { settings }).create(REQUEST);
    expect(endpoint.inventory()).to.deep.equal(WANTED);
  });

  it('uses a machine that a dead run asked for in another size, once EC2 shows it', async () => {
    const large = { ...settings, managerType: 't3.large' };
    endpoint.world.delay = 5;
    await providerFor(endpoint, { settings: large }).create(REQUEST);
    const point = endpoint.calls.findIndex(({ action }) => action === 'RunInstances') + 1;
    await empty();
    await expectKilled(
      providerFor(endpoint, { settings: large, wrap: (ec2) => new Mortal(ec2, point, 'after') }).create(REQUEST),
    );
    await providerFor(endpoint, { settings }).create(REQUEST);
    const alive = endpoint.world.instances.filter(({ state }) => state === 'running');
    expect(alive.map(({ tags, type }) => `${tags.Name} ${type}`).sort()).to.deep.equal([
      `${NAMES[0]} t3.large`,
      ...NAMES.slice(1).map((name) => `${name} t3.medium`),
    ]);
  });

  it('makes a new machine in place of one that was ended, although its token was used', async () => {
    const provider = providerFor(endpoint);
    const [first] = await provider.create(REQUEST);
    await provider.remove('edge', first?.privateAddress ?? '');
    const [next] = await provider.create(REQUEST);
    expect(next?.name).to.equal(first?.name);
    expect(next?.id).not.to.equal(first?.id);
  });

  it('is destroyed as a whole, wherever destroy itself dies', async () => {
    await providerFor(endpoint, { settings }).create(REQUEST);
    for (let calls = 4; calls < 40; calls += 1) {
      const isDone = await providerFor(endpoint, { wrap: (ec2) => new Mortal(ec2, calls, 'after') })
        .destroy('edge')
        .then(
          () => true,
          (error: unknown) => {
            expect(error).to.be.instanceOf(Killed);
            return false;
          },
        );
      if (isDone) break;
    }
    await empty();
  });
});
