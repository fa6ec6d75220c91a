import { expect } from 'chai';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { prepare, setup } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

const env = { MOTHERSHIP_BACKUP_PASSPHRASE: 'correct horse battery' };

/** A cluster of its own: it is destroyed in the middle. */
describe('a backup of a cluster that was lost', function () {
  this.timeout(600_000);
  let machine: Cluster;
  let bob: string;

  before(async () => {
    machine = await prepare('backup');
    await setup(machine);
    await machine.tinyApp('shop', 'first');
    await machine.ok(['deploy', '-a', 'shop', '--image', await machine.tiny('second')]);
    await machine.ok(['config:set', 'COLOUR=red', '-a', 'shop']);
    await machine.ok(['domains:add', 'www.example.test', '-a', 'shop']);
    await machine.tinyApp('blog', 'first');
    bob = (await machine.json<{ value: string }>(['tokens:create', 'bob'])).value;
    await machine.ok(['cluster:backup', 'lost.tar.age'], { env });
  });

  it('is one encrypted file that only its owner may read', async () => {
    const file = join(machine.home, 'lost.tar.age');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await readFile(file)).includes('COLOUR')).to.equal(false);
  });

  it('brings its apps back on a new cluster of another domain, where they answer and can be rolled back', async () => {
    const images = new Set((await machine.releases('shop')).flatMap(({ image }) => image ?? []));
    await lose(machine, images);
    await setup(machine, [], 'new.localhost');
    expect(await machine.json(['apps'])).to.deep.equal([]);

    const wrong = await machine.mothership(['cluster:restore', 'lost.tar.age'], {
      env: { MOTHERSHIP_BACKUP_PASSPHRASE: 'incorrect horse' },
    });
    expect(wrong).to.include({ code: 1, stdout: '' });
    expect(await machine.json(['apps'])).to.deep.equal([]);

    const restored = await machine.json<{ apps: object[]; tokens: string[]; certificate: string }>(
      ['cluster:restore', 'lost.tar.age'],
      { env },
    );
    expect(restored.apps).to.have.length(2);
    expect(restored.tokens).to.include('bob');
    expect(restored.certificate).to.equal('other-domain');
    for (const host of ['shop.new.localhost', 'www.example.test'])
      expect((await machine.http(host)).body, host).to.contain('second');
    expect((await machine.http('blog.new.localhost')).body).to.contain('first');
    expect(await machine.json(['config', '-a', 'shop'])).to.deep.equal({ COLOUR: 'red' });
    expect((await machine.ok(['whoami'], { env: { MOTHERSHIP_TOKEN: bob } })).trim()).to.equal('bob');

    await machine.ok(['rollback', 'v1', '-a', 'shop']);
    expect((await machine.http('shop.new.localhost')).body).to.contain('first');
    expect(await machine.current('shop')).to.equal(4);
  });

  it('does nothing the second time but what is refused for having changed', async () => {
    const again = await machine.mothership(['cluster:restore', 'lost.tar.age'], { env });
    expect(again.code).to.equal(1);
    expect(again.stderr).to.contain('shop already exists on this cluster').and.not.contain('blog already exists on');
    expect((await machine.http('shop.new.localhost')).body).to.contain('first');
  });
});

/** The cluster and the images of its apps are gone; the node and the platform's images are as a new machine's that has them. */
async function lose(machine: Cluster, images: ReadonlySet<string>): Promise<void> {
  await machine.ok(['cluster:destroy', '--confirm', 'mothership']);
  const left = (await machine.node.docker(['images', '-q', '--filter', 'reference=tiny/*']))
    .split('\n')
    .filter((id) => id !== '');
  for (const id of new Set(left)) await machine.node.docker(['rmi', '-f', id]);
  for (const id of images) expect(await machine.engine.image(id), id).to.equal(undefined);
}
