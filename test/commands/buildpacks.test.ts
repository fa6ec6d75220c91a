import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Desk } from './cli.ts';

const URL = 'https://example.com/buildpack#v1';

describe('buildpacks', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
  });
  afterEach(() => desk.close());

  const names = async (): Promise<string[]> => (await desk.platform.buildpacks.list('shop')).map(({ name }) => name);

  it('are set, added before and after others, and removed by name and position', async () => {
    expect(await desk.run(['buildpacks:set', URL])).to.deep.equal({
      stdout: '',
      stderr: `Setting ${URL} on shop... done\n ›   The next build uses: ${URL}\n`,
      code: 0,
    });
    await desk.run('buildpacks:add heroku/nodejs');
    await desk.run('buildpacks add apt -i 1');
    expect(await names()).to.deep.equal(['apt', URL, 'heroku/nodejs']);
    await desk.run('buildpacks:set static --index 2');
    expect(await names()).to.deep.equal(['apt', 'static', 'heroku/nodejs']);
    await desk.run('buildpacks:remove static');
    await desk.run('buildpacks:remove -i 1');
    expect(await names()).to.deep.equal(['heroku/nodejs']);
  });

  it('may be set when the app is created', async () => {
    await desk.run(['apps:create', 'other', '-b', 'apt', '--buildpack', URL, '--no-link']);
    expect((await desk.platform.buildpacks.list('other')).map(({ name }) => name)).to.deep.equal(['apt', URL]);
  });

  it('are listed as Heroku lists them', async () => {
    expect((await desk.run('buildpacks')).stdout).to.equal(
      'shop has no buildpacks set. The next build detects its buildpack.\n',
    );
    await desk.run('buildpacks:add heroku/nodejs');
    expect((await desk.run('buildpacks')).stdout).to.equal('=== shop Buildpacks\n\nheroku/nodejs\n');
    await desk.run(['buildpacks:add', URL]);
    expect((await desk.run('buildpacks')).stdout).to.equal(`=== shop Buildpacks\n\n1. heroku/nodejs\n2. ${URL}\n`);
    expect(JSON.parse((await desk.run('buildpacks --json')).stdout)).to.have.length(2);
  });

  it('tell where they come from and what the newest build used', async () => {
    await desk.run(['buildpacks:set', URL]);
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
    await desk.run('deploy');
    const { stdout } = await desk.run('buildpacks:info');
    expect(stdout)
      .to.match(/URL:\s+https:\/\/example.com\/buildpack\n/)
      .and.match(/Ref:\s+v1\n/)
      .and.match(/Version:\s+1\.0\.0\n/);
    expect(JSON.parse((await desk.run(['buildpacks:info', URL, '--json'])).stdout)).to.have.length(1);
    expect(await desk.run('buildpacks:info ruby')).to.include({ code: 2, stdout: '' });
  });

  it("are cleared when the app's name confirms it", async () => {
    await desk.run('buildpacks:set nodejs');
    expect((await desk.run('buildpacks:clear --confirm other')).code).to.not.equal(0);
    expect(await names()).to.deep.equal(['nodejs']);
    expect((await desk.run('buildpacks:clear --confirm shop')).code).to.equal(0);
    expect(await names()).to.deep.equal([]);
  });

  it('are refused when they cannot be, or are there already', async () => {
    expect((await desk.run('buildpacks:set urn:cnb:registry:x')).stderr).to.contain('Cloud Native Buildpacks');
    await desk.run('buildpacks:set nodejs');
    expect((await desk.run('buildpacks:add nodejs')).stderr).to.contain('already set');
    expect(await desk.run('buildpacks:remove')).to.include({ code: 2 });
    expect(await desk.run('buildpacks:remove nodejs -i 1')).to.include({ code: 2 });
    expect((await desk.run('buildpacks:remove ruby')).stderr).to.contain('it has: nodejs');
    expect(await names()).to.deep.equal(['nodejs']);
  });
});

describe('ci:run', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
  });
  afterEach(() => desk.close());

  it('sends the folder, shows the tests and ends with their exit code', async () => {
    expect(await desk.run('ci:run')).to.include({ code: 0, stdout: '' });
    desk.apps.testExitCode = 7;
    const { code, stderr } = await desk.run('ci:run -a shop');
    expect(code).to.equal(7);
    expect(stderr).to.contain('Running tests');
    expect(desk.apps.built).to.deep.equal([['Procfile'], ['Procfile']]);
    const json = await desk.run('ci:run --json');
    expect(JSON.parse(json.stdout)).to.deep.equal({ app: 'shop', exitCode: 7 });
    expect(json.code).to.equal(7);
  });
});
