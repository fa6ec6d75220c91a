import { expect } from 'chai';
import { Builder } from '../../src/builds/builder.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

describe('a builder that starts', () => {
  it('removes builds of its predecessor and the guard of an older version, and nothing else', async () => {
    const engine = new FakeEngine();
    engine.imageStore.add('mothership/debian-13-build:1');
    for (const kind of ['build', 'build-guard', 'process']) {
      const labels = { 'mothership.kind': kind };
      // Clusters hold their images by id.
      const { id: image } = (await engine.image('mothership/debian-13-build:1'))!;
      const id = await engine.createContainer({ image, labels, env: {}, networks: [{ id: 'none' }] });
      await engine.startContainer(id);
    }
    await new Builder({ engine, clock: new FakeClock() }).cleanUp();
    const left = await engine.containers({ 'mothership.kind': '' });
    expect(left.map(({ labels }) => labels['mothership.kind'])).to.deep.equal(['process']);
  });
});
