import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { documentTable, openIn, probeEverywhere, SOURCES, Surroundings, type Reached } from '../fixtures/reach.ts';

describe('what code of an app reaches, wherever it runs', function () {
  this.timeout(600_000);
  let mothership: Cluster;
  let around: Surroundings;
  let found: Reached;

  before(async () => {
    mothership = await cluster();
    around = new Surroundings(mothership, [mothership.node]);
    await around.prepare();
    found = await probeEverywhere(mothership, around);
  });

  it('is tried from everywhere', () => {
    expect([...found.keys()]).to.have.members([...SOURCES]);
  });

  it('is there: the machine itself and the containers that own it reach it', async () => {
    expect(await around.answering()).to.have.members([...new Set(around.targets.map(({ title }) => title))]);
  });

  it('is nothing of what belongs to another app, the platform or the machine', async () => {
    expect(openIn(found)).to.deep.equal([]);
  });

  it('is what docs/security.md says', () => documentTable('one node', found, around.targets));
});
