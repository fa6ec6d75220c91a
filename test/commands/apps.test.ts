import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Desk } from './cli.ts';

describe('apps', () => {
  let desk: Desk;
  beforeEach(async () => { desk = await Desk.open(); });
  afterEach(() => desk.close());

  it('creates an app, ties the folder to it and prints its address', async () => {
    const result = await desk.run('apps:create shop');
    expect(result).to.deep.equal({ stdout: 'http://shop.localhost\n', stderr: 'Creating shop... done, shop\n', code: 0 });
    expect((await desk.platform.apps.list()).map((app) => app.name)).to.deep.equal(['shop']);
    expect(JSON.parse(await readFile(join(desk.folder, '.mothership.json'), 'utf8'))).to.deep.equal({ app: 'shop', context: 'fake' });
  });

  it('takes words with spaces as with colons', async () => {
    expect((await desk.run('apps create shop')).code).to.equal(0);
    expect((await desk.run('apps info --json')).stdout).to.include('"name": "shop"');
  });
});
