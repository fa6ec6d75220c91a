import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Desk } from './cli.ts';

describe('apps', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(() => desk.close());

  const names = async (): Promise<string[]> => (await desk.platform.apps.list()).map((app) => app.name);
  const tie = (): Promise<{ app: string }> =>
    readFile(join(desk.folder, '.mothership.json'), 'utf8').then((text) => JSON.parse(text) as { app: string });

  it('are listed with release and address', async () => {
    expect((await desk.run('apps')).stdout).to.include('There are no apps yet');
    await desk.run('apps:create shop --no-link');
    await desk.run('deploy --image nginx -a shop');
    await desk.run('apps:create bare --no-link');
    const { stdout, stderr } = await desk.run('apps');
    expect(stdout).to.equal(
      'Name  Release  Web\nbare           http://bare.localhost\nshop  v1       http://shop.localhost\n',
    );
    expect(stderr).to.equal('');
    expect(JSON.parse((await desk.run('apps --json')).stdout).map((app: { name: string }) => app.name)).to.deep.equal([
      'bare',
      'shop',
    ]);
  });

  it('are created, tie the folder, and print their address', async () => {
    const result = await desk.run('apps:create shop');
    expect(result).to.deep.equal({
      stdout: 'http://shop.localhost\n',
      stderr: 'Creating shop... done, shop\n',
      code: 0,
    });
    expect(await names()).to.deep.equal(['shop']);
    expect(await tie()).to.deep.equal({ app: 'shop', context: 'test' });
    await desk.run('create other');
    expect((await tie()).app).to.equal('shop');
  });

  it("are shown as the folder's, as the variable's, as the flag's", async () => {
    for (const name of ['one', 'two', 'three']) await desk.run(`apps:create ${name}`);
    const shown = async (line: string, env = {}): Promise<string> =>
      JSON.parse((await desk.run(line, { env })).stdout).name;
    expect(await shown('apps:info --json')).to.equal('one');
    expect(await shown('apps info --json', { MOTHERSHIP_APP: 'two' })).to.equal('two');
    expect(await shown('info --json -a three', { MOTHERSHIP_APP: 'two' })).to.equal('three');
    expect((await desk.run('info -a three')).stdout).to.match(
      /^=== three\n\nWeb: +http:\/\/three\.localhost\nRelease: +none yet\n/,
    );
  });

  it('need to be named somewhere', async () => {
    const result = await desk.run('apps:info');
    expect(result.code).to.equal(2);
    expect(result.stdout).to.equal('');
    expect(result.stderr).to.equal(
      ' ›   Error: Missing app.\n ›\n ›   Try this: Specify one with -a APP or MOTHERSHIP_APP, or run the command in a folder with a .mothership.json.\n',
    );
  });

  it('that do not exist are an error, as JSON too', async () => {
    const plain = await desk.run('apps:info -a nope');
    expect(plain).to.include({ code: 1, stdout: '' });
    expect(plain.stderr).to.include('Cannot find the app "nope".');
    const json = await desk.run('apps:info -a nope --json');
    expect(json).to.include({ code: 1, stdout: '' });
    expect(JSON.parse(json.stderr)).to.include({ code: 'APP_NOT_FOUND', message: 'Cannot find the app "nope".' });
  });

  it('are renamed, and the folder follows', async () => {
    await desk.run('apps:create shop');
    expect((await desk.run('apps:rename store')).stdout).to.equal('http://store.localhost\n');
    expect(await names()).to.deep.equal(['store']);
    expect((await tie()).app).to.equal('store');
  });

  it('are destroyed only when their name is repeated', async () => {
    await desk.run('apps:create shop');
    const silent = await desk.run('apps:destroy');
    expect(silent.code).to.equal(2);
    expect(silent.stderr).to.include('--confirm shop');
    expect((await desk.run('apps:destroy --confirm other')).code).to.equal(2);
    expect(await names()).to.deep.equal(['shop']);
    expect((await desk.run('apps:destroy -a shop --confirm shop')).code).to.equal(0);
    expect(await names()).to.deep.equal([]);
    expect(existsSync(join(desk.folder, '.mothership.json'))).to.equal(false);
  });

  it('print where they are instead of opening a browser', async () => {
    await desk.run('apps:create shop');
    expect((await desk.run('open --print')).stdout).to.equal('http://shop.localhost/\n');
    expect((await desk.run('open /admin?x=1 --json')).stdout).to.equal(
      '{\n  "url": "http://shop.localhost/admin?x=1"\n}\n',
    );
    expect((await desk.run('open //evil.example.com/x --print')).stdout).to.equal(
      'http://shop.localhost/evil.example.com/x\n',
    );
  });

  it('open in $BROWSER', async () => {
    await desk.run('apps:create shop');
    const seen = join(desk.folder, 'seen');
    const browser = join(desk.folder, 'browser');
    await writeFile(browser, `#!/bin/sh\necho "$1" > "${seen}"\n`, { mode: 0o755 });
    expect((await desk.run('open', { env: { BROWSER: browser } })).code).to.equal(0);
    expect(await readFile(seen, 'utf8')).to.equal('http://shop.localhost/\n');
    expect((await desk.run('open', { env: { BROWSER: '/bin/false' } })).code).to.equal(1);
  });
});
