import { expect } from 'chai';
import { isMothershipError } from '../../../src/errors/index.ts';
import { Ec2Endpoint } from '../../lab/ec2/index.ts';
import { providerFor, REQUEST } from './account.ts';

const NOTHING = { instances: [], volumes: [], addresses: [], groups: [], keys: [] };

describe('destroying a cluster on EC2', function () {
  this.timeout(60_000);
  let endpoint: Ec2Endpoint;
  beforeEach(async () => {
    endpoint = await Ec2Endpoint.start();
    await providerFor(endpoint, { settings: { elasticAddresses: true } }).create(REQUEST);
  });
  afterEach(() => endpoint.close());

  const failure = async (): Promise<string> => {
    const error = await providerFor(endpoint)
      .destroy('edge')
      .then(
        () => undefined,
        (each: unknown) => each,
      );
    if (!isMothershipError(error, 'AWS_DESTROY_LEFT')) return expect.fail(`it answered ${String(error)}`);
    return error.message;
  };

  it('leaves nothing', async () => {
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal(NOTHING);
    await providerFor(endpoint).destroy('edge');
  });

  it('waits for network interfaces that hold the group', async () => {
    endpoint.world.interfaceLag = 4;
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal(NOTHING);
  });

  it('removes a disk that somebody told to outlive its machine', async () => {
    const [disk] = endpoint.world.volumes;
    if (disk) disk.deleteOnTermination = false;
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal(NOTHING);
  });

  it('does the rest when one machine is protected, names it, and ends it the next time', async () => {
    const [machine] = endpoint.world.instances;
    if (!machine) return expect.fail('no machine');
    machine.protected = true;
    const message = await failure();
    expect(message).to.include(`machine edge-manager-1 (${machine.id})`).and.to.include('may not be terminated');
    expect(message).to.include('security group mothership-edge').and.not.to.include('edge-manager-2');
    expect(endpoint.inventory()).to.deep.include({ instances: ['edge-manager-1'], keys: [] });
    machine.protected = false;
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal(NOTHING);
  });

  it('names what the operator may not remove', async () => {
    endpoint.inject({ action: 'DeleteKeyPair', code: 'UnauthorizedOperation' });
    expect(await failure())
      .to.include('key pair mothership-edge')
      .and.to.include('is not allowed to call ec2:DeleteKeyPair');
    expect(endpoint.inventory()).to.deep.equal({ ...NOTHING, keys: ['mothership-edge'] });
  });

  it('leaves what only has the names of its things', async () => {
    for (const thing of [...endpoint.world.groups, ...endpoint.world.keys]) thing.tags = {};
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal({ ...NOTHING, groups: ['mothership-edge'], keys: ['mothership-edge'] });
  });

  it('frees the name: a cluster made again has new machines', async () => {
    const before = endpoint.world.instances.map(({ id }) => id);
    await providerFor(endpoint).destroy('edge');
    const again = await providerFor(endpoint).create(REQUEST);
    expect(again).to.have.length(5);
    expect(again.filter(({ id }) => before.includes(id))).to.deep.equal([]);
  });
});
