import { expect } from 'chai';
import { Secret } from '../../src/events/index.ts';
import { ClusterRegistries, externalRegistry } from '../../src/registry/registries.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const auth = { user: 'mothership', password: new Secret('hush') };

describe('registries of a cluster', () => {
  it('are where their tasks are on the control network, on nodes that are alive', async () => {
    const engine = new FakeEngine({ nodes: [{}, { role: 'manager' }, {}] });
    const control = await engine.createNetwork({ name: 'mothership-control', driver: 'overlay', labels: {} });
    const found = new ClusterRegistries({
      engine,
      engineOn: () => Promise.resolve(engine),
      prefix: 'registry.mothership.internal:5000',
      auth,
      ca: Buffer.alloc(0),
    });
    expect(await found.running()).to.deep.equal([]);
    await engine.createService({
      name: 'mothership-registry',
      labels: {},
      image: 'registry',
      env: {},
      networks: [{ id: control }],
      replicas: 'global',
      endpointMode: 'dnsrr',
      constraints: ['node.role==manager'],
      restart: { condition: 'any', delayMs: 0 },
    });
    engine.settle();
    const tasks = await engine.tasks({ service: 'mothership-registry' });
    const places = tasks.map((task) => `${task.addresses[control]}:5000`);
    expect((await found.running()).map(({ where }) => where))
      .to.deep.equal(places)
      .and.have.length(2);
    engine.changeNode(tasks[1]!.nodeId, { state: 'down' });
    expect((await found.running()).map(({ where }) => where)).to.deep.equal(places.slice(0, 1));
  });

  it("may be somebody else's, on the port of HTTPS unless it names one", () => {
    const where = (prefix: string): string => externalRegistry({ prefix, auth, ca: undefined }).where;
    expect([where('ghcr.io/acme'), where('registry.acme.example:8443/team')]).to.deep.equal([
      'ghcr.io:443',
      'registry.acme.example:8443',
    ]);
  });
});
