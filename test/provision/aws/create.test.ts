import { expect } from 'chai';
import { Ec2Endpoint, ruleInWords } from '../../lab/ec2/index.ts';
import { PUBLIC_KEY, providerFor, REQUEST } from './account.ts';

const MACHINES = ['edge-manager-1', 'edge-manager-2', 'edge-manager-3', 'edge-worker-1', 'edge-worker-2'];

describe('machines on EC2', function () {
  this.timeout(60_000);
  let endpoint: Ec2Endpoint;
  beforeEach(async () => {
    endpoint = await Ec2Endpoint.start();
  });
  afterEach(() => endpoint.close());

  const zonesOf = (role: string): string[] =>
    endpoint.world.instances
      .filter(({ tags }) => tags['mothership:role'] === role)
      .map(({ zone }) => zone.at(-1) ?? '');

  it('are made with all they need, and listed with their addresses', async () => {
    const made = await providerFor(endpoint).create(REQUEST);
    expect(endpoint.inventory()).to.deep.equal({
      instances: MACHINES,
      volumes: MACHINES,
      addresses: [],
      groups: ['mothership-edge'],
      keys: ['mothership-edge'],
    });
    expect(made.map(({ name, role }) => [name, role])).to.deep.equal(
      MACHINES.map((name) => [name, name.split('-')[1]]),
    );
    expect(made.map(({ zone }) => zone?.at(-1))).to.deep.equal(['a', 'b', 'c', 'a', 'b']);
    for (const machine of made) {
      expect(machine.address).to.match(/^203\.0\.113\./);
      expect(machine.privateAddress).to.match(/^172\.31\./);
      expect(machine.engine).to.deep.equal({ host: machine.address, port: 2375 });
    }
    expect(endpoint.world.keys[0]?.publicKey).to.equal(PUBLIC_KEY);
  });

  it('require IMDSv2 with one hop, encrypt a gp3 disk of the wanted size, and run the newest Debian 13 of Debian', async () => {
    await providerFor(endpoint, { settings: { diskGb: 55 } }).create(REQUEST);
    for (const instance of endpoint.world.instances) {
      expect(instance).to.deep.include({
        metadata: { tokens: 'required', hopLimit: '1' },
        image: 'ami-0new',
        key: 'mothership-edge',
        groups: [endpoint.world.groups[0]?.id],
      });
    }
    for (const volume of endpoint.world.volumes)
      expect(volume).to.include({ size: 55, type: 'gp3', encrypted: true, deleteOnTermination: true });
  });

  it("let the operator in on 22, the world on 80 and 443, and one another on the cluster's ports", async () => {
    await providerFor(endpoint, { settings: { adminCidrs: ['198.51.100.7/32', '2001:db8::7/128'] } }).create(REQUEST);
    expect(endpoint.world.groups[0]?.rules.map(ruleInWords).sort()).to.deep.equal([
      '50 from the group',
      'tcp 22 from 198.51.100.7/32',
      'tcp 22 from 2001:db8::7/128',
      'tcp 2377 from the group',
      'tcp 443 from 0.0.0.0/0',
      'tcp 443 from ::/0',
      'tcp 5000 from the group',
      'tcp 7946 from the group',
      'tcp 80 from 0.0.0.0/0',
      'tcp 80 from ::/0',
      'udp 4789 from the group',
      'udp 7946 from the group',
    ]);
  });

  it("carry the cluster's tags from the moment they are made", async () => {
    await providerFor(endpoint, { settings: { elasticAddresses: true } }).create({
      ...REQUEST,
      managers: 1,
      workers: 0,
    });
    const { instances, volumes, addresses, groups, keys } = endpoint.world;
    for (const thing of [...instances, ...volumes, ...addresses]) {
      expect(thing.tags).to.deep.equal({
        Name: 'edge-manager-1',
        'mothership:cluster': 'edge',
        'mothership:role': 'manager',
        'mothership:index': '0',
      });
    }
    for (const thing of [...groups, ...keys])
      expect(thing.tags).to.deep.equal({ Name: 'mothership-edge', 'mothership:cluster': 'edge' });
  });

  it('change nothing when all is there', async () => {
    const provider = providerFor(endpoint, { settings: { elasticAddresses: true } });
    await provider.create(REQUEST);
    expect(await provider.plan(REQUEST)).to.deep.equal([]);
    endpoint.calm();
    await provider.create(REQUEST);
    expect(endpoint.calls.map(({ action }) => action).filter((action) => !action.startsWith('Describe'))).to.deep.equal(
      [],
    );
  });

  it('keep managers reachable at elastic addresses when asked to', async () => {
    const made = await providerFor(endpoint, { settings: { elasticAddresses: true } }).create(REQUEST);
    expect(endpoint.world.addresses).to.have.length(3);
    expect(
      made
        .filter(({ role }) => role === 'manager')
        .map(({ address }) => address)
        .sort(),
    ).to.deep.equal(endpoint.world.addresses.map(({ ip }) => ip).sort());
    expect(made.filter(({ role }) => role === 'worker').every(({ address }) => address.startsWith('203.0.113.'))).to.be
      .true;
  });

  it('take Debian for arm64 where the type asks for it', async () => {
    await providerFor(endpoint, { settings: { workerType: 't4g.medium' } }).create(REQUEST);
    const images = endpoint.world.instances.map(({ type, image }) => `${type} ${image}`);
    expect([...new Set(images)].sort()).to.deep.equal(['t3.medium ami-0new', 't4g.medium ami-0arm']);
  });

  it('go only into zones that have their type', async () => {
    await providerFor(endpoint, { settings: { managerType: 'm7i.large', workerType: 'm7i.large' } }).create(REQUEST);
    expect(zonesOf('manager')).to.deep.equal(['b', 'c', 'b']);
    expect(zonesOf('worker')).to.deep.equal(['c', 'b']);
  });

  it('go into the zones and the VPC that were named', async () => {
    await providerFor(endpoint, { settings: { vpc: 'vpc-0own' } }).create({
      ...REQUEST,
      zones: ['b', 'eu-central-1a'],
    });
    expect(zonesOf('manager')).to.deep.equal(['b', 'a', 'b']);
    expect(endpoint.world.instances.every(({ subnet }) => subnet.startsWith('subnet-0own'))).to.be.true;
    expect(endpoint.world.groups[0]?.vpc).to.equal('vpc-0own');
  });

  it("stay in the cluster's VPC when more are added without naming it", async () => {
    await providerFor(endpoint, { settings: { vpc: 'vpc-0own' } }).create({ ...REQUEST, managers: 1 });
    await providerFor(endpoint).create({ ...REQUEST, managers: 1, workers: 3 });
    expect(endpoint.world.instances).to.have.length(4);
    expect(endpoint.world.instances.every(({ subnet }) => subnet.startsWith('subnet-0own'))).to.be.true;
  });

  it('fill the gaps when one was removed, and leave those that are there', async () => {
    const provider = providerFor(endpoint);
    const before = await provider.create(REQUEST);
    await provider.remove('edge', before[1]?.privateAddress ?? '');
    expect(endpoint.inventory().instances).to.deep.equal(MACHINES.filter((name) => name !== 'edge-manager-2'));
    const after = await provider.create({ ...REQUEST, workers: 3 });
    expect(after.map(({ name }) => name)).to.deep.equal([...MACHINES, 'edge-worker-3']);
    expect(after.map(({ id }) => id)).to.include.members(
      before.filter(({ name }) => name !== 'edge-manager-2').map(({ id }) => id),
    );
    expect(after[1]?.zone).to.equal(before[1]?.zone);
  });

  it('are started again when somebody stopped them', async () => {
    const provider = providerFor(endpoint);
    await provider.create(REQUEST);
    const stopped = endpoint.world.instances[3];
    if (stopped) stopped.state = 'stopped';
    expect((await provider.create(REQUEST)).map(({ id }) => id)).to.include(stopped?.id);
    expect(endpoint.world.instances).to.have.length(5);
  });

  it('are seen on every page of a long list', async () => {
    endpoint.world.pageSize = 2;
    const provider = providerFor(endpoint);
    expect(await provider.create(REQUEST)).to.have.length(5);
    expect(await provider.plan(REQUEST)).to.deep.equal([]);
  });

  it('are made once although EC2 shows new things late', async () => {
    endpoint.world.delay = 3;
    expect(await providerFor(endpoint, { settings: { elasticAddresses: true } }).create(REQUEST)).to.have.length(5);
    expect(endpoint.inventory()).to.deep.include({
      instances: MACHINES,
      groups: ['mothership-edge'],
      addresses: MACHINES.slice(0, 3),
    });
    expect(endpoint.world.instances).to.have.length(5);
  });

  it('shut SSH for where the operator no longer is, and leave doors that people opened', async () => {
    await providerFor(endpoint).create(REQUEST);
    endpoint.world.groups[0]?.rules.push({ protocol: 'tcp', from: 8080, to: 8080, cidr: '0.0.0.0/0' });
    await providerFor(endpoint, { settings: { adminCidrs: ['192.0.2.1/32'] } }).create(REQUEST);
    const rules = endpoint.world.groups[0]?.rules.map(ruleInWords) ?? [];
    expect(rules.filter((rule) => rule.startsWith('tcp 22 '))).to.deep.equal(['tcp 22 from 192.0.2.1/32']);
    expect(rules).to.include('tcp 8080 from 0.0.0.0/0');
  });

  it('of one cluster have nothing to do with those of another', async () => {
    await providerFor(endpoint).create(REQUEST);
    await providerFor(endpoint).create({ ...REQUEST, cluster: 'edge2', managers: 1, workers: 0 });
    await providerFor(endpoint).destroy('edge');
    expect(endpoint.inventory()).to.deep.equal({
      instances: ['edge2-manager-1'],
      volumes: ['edge2-manager-1'],
      addresses: [],
      groups: ['mothership-edge2'],
      keys: ['mothership-edge2'],
    });
  });
});
