import { expect } from 'chai';
import type { ClusterInfo } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

describe('a cluster that runs', function () {
  this.timeout(90_000);
  let mothership: Cluster;

  before(async function () {
    this.timeout(240_000);
    mothership = await cluster();
  });

  it('describes itself', async () => {
    const info = await mothership.json<ClusterInfo>(['cluster:info']);
    expect(info).to.include({ name: 'mothership', domain: 'localhost', url: 'http://mothership.localhost' });
    expect(info.nodes).to.have.length(1);
    expect(info.nodes[0]).to.include({ role: 'manager', state: 'ready', address: mothership.node.ip });
    expect(info.routers.map(({ current }) => current)).to.deep.equal([true]);
  });

  it('has nothing to do when it is set up again', async () => {
    const { steps } = await mothership.json<{ steps: unknown[] }>(['setup', '--yes', '--address', mothership.node.ip]);
    expect(steps).to.deep.equal([]);
  });

  it('has a doctor that finds nothing', async () => {
    const checks = await mothership.json<{ check: string; state: string }[]>(['doctor']);
    expect(checks.filter(({ state }) => state === 'failed')).to.deep.equal([]);
  });

  it('serves the document of its API, and nothing else without a token', async () => {
    const document = JSON.parse((await mothership.http('mothership', '/openapi.json')).body) as { openapi: string };
    expect(document.openapi).to.match(/^3\.1/);
    expect((await mothership.http('mothership', '/apps')).status).to.equal(401);
  });
});
