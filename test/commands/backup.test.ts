import { expect } from 'chai';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fail } from '../../src/errors/index.ts';
import { tokens } from '../controller/tokens.ts';
import { Desk } from './cli.ts';

const passphrase = 'correct horse battery';
const env = { MOTHERSHIP_BACKUP_PASSPHRASE: passphrase };

describe('cluster:backup and cluster:restore', function () {
  this.timeout(60_000);
  let desk: Desk;
  /** On a cluster that has nothing yet. */
  let fresh: Desk;
  beforeEach(async () => {
    [desk, fresh] = [await Desk.open(), await Desk.open()];
    await desk.run('deploy --image nginx:1 -a shop');
    await desk.run('config:set KEY=secret-of-shop -a shop');
    await desk.platform.tokens.create({ user: 'ada' });
  });
  afterEach(() => Promise.all([desk.close(), fresh.close()]));

  const fileOf = (name: string): string => join(desk.folder, name);
  const apps = async ({ platform }: Desk): Promise<string[]> => (await platform.apps.list()).map(({ name }) => name);
  const users = async ({ platform }: Desk): Promise<string[]> => (await platform.tokens.list()).map(({ user }) => user);

  it('write an encrypted file for its owner only, and read it back', async () => {
    const written = await desk.run('cluster:backup my.tar.age', { env });
    expect(written).to.include({ code: 0, stdout: 'my.tar.age\n' });
    expect(written.stderr)
      .to.match(/^Backing up test\.\.\. done, \d/m)
      .and.not.contain(passphrase);
    expect((await stat(fileOf('my.tar.age'))).mode & 0o777).to.equal(0o600);
    expect((await readFile(fileOf('my.tar.age'))).includes('secret-of-shop')).to.equal(false);
    expect(await readFile(fileOf('my.tar.age'), 'latin1')).to.match(/^age-encryption\.org\/v1\n-> scrypt \S+ 17\n/);
    expect(await fresh.run(['cluster:restore', fileOf('my.tar.age')], { env })).to.include({ code: 0 });
    expect(await fresh.platform.config.get('shop')).to.deep.equal({ KEY: 'secret-of-shop' });
    expect(fresh.world.served('shop.localhost')).to.deep.equal({ 'shop/2.2': 1 });
  });

  it('name the file after the cluster and the time', async () => {
    const { stdout } = await desk.run('cluster:backup --no-encryption --no-images --json');
    const result = JSON.parse(stdout) as { file: string };
    expect(result).to.include({ cluster: 'test', apps: 1, encrypted: false });
    expect(result.file).to.match(/^test-\d{4}-\d\d-\d\dT\d{6}\.tar$/);
    expect((await readFile(fileOf(result.file))).includes('secret-of-shop')).to.equal(true);
  });

  it('go through pipes', async () => {
    const { code, stderr, stdout } = await desk.run('cluster:backup - --no-encryption');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('secret-of-shop');
    await desk.run('cluster:backup my.tar.age --no-encryption');
    const stdin = createReadStream(fileOf('my.tar.age'));
    expect(await fresh.run('cluster:restore - --no-tokens', { stdin })).to.include({ code: 0 });
    expect(await apps(fresh)).to.deep.equal(['shop']);
    expect(await users(fresh)).to.not.include('ada');
  });

  it('never overwrite a file, and leave none when it is not whole', async () => {
    await writeFile(fileOf('old.tar'), 'kept');
    expect((await desk.run('cluster:backup old.tar --no-encryption')).stderr).to.contain('already exists');
    expect(await readFile(fileOf('old.tar'), 'utf8')).to.equal('kept');
    const whole = await desk.world.clock.passUntil(desk.platform.backup.create({}).then(buffer));
    const gives = (pieces: () => AsyncGenerator<Buffer>): void =>
      void Object.assign(desk.platform.backup, {
        create: () => Promise.resolve(Readable.from(pieces(), { objectMode: false })),
      });
    gives(async function* () {
      yield whole.subarray(0, 3_000);
      throw fail('INTERNAL', { ref: 'x' });
    });
    const broken = await desk.run('cluster:backup new.tar --no-encryption');
    expect(broken).to.include({ code: 1, stdout: '' });
    expect(broken.stderr).to.contain('Could not complete the backup');
    gives(async function* () {
      yield whole.subarray(0, whole.length - 2_000);
    });
    expect((await desk.run('cluster:backup new.tar --no-encryption')).code).to.equal(1);
    expect((await readdir(desk.folder)).filter((name) => name.endsWith('.tar'))).to.deep.equal(['old.tar']);
  });

  it('want a passphrase of some length, and the same one again', async () => {
    expect(await desk.run('cluster:backup x')).to.include({ code: 2 });
    expect((await desk.run('cluster:backup x')).stderr).to.contain('MOTHERSHIP_BACKUP_PASSPHRASE');
    const revoked = await desk.run('cluster:backup x', { env: { MOTHERSHIP_TOKEN: 'revoked' } });
    expect(revoked.stderr).to.contain('The token is missing, invalid or revoked');
    expect((await desk.run('cluster:backup x', { env: { MOTHERSHIP_BACKUP_PASSPHRASE: 'short' } })).stderr).to.contain(
      'at least 8',
    );
    await desk.run('cluster:backup my.tar.age', { env });
    const wrong = await fresh.run(['cluster:restore', fileOf('my.tar.age')], {
      env: { MOTHERSHIP_BACKUP_PASSPHRASE: 'incorrect horse' },
    });
    expect(wrong).to.include({ code: 1 });
    expect(wrong.stderr).to.contain('Wrong passphrase for this backup');
    expect(await apps(fresh)).to.deep.equal([]);
  });

  it('tell app by app how it went, and exit with 3 when some do not run', async () => {
    await desk.run('apps:create blog --no-link');
    await desk.run('cluster:backup my.tar.age --no-encryption --no-images');
    const result = await fresh.run(['cluster:restore', fileOf('my.tar.age')]);
    expect(result).to.include({ code: 3 });
    expect(result.stdout)
      .to.match(/^blog +\S/m)
      .and.match(/^shop +v2 +.* +v2, v1$/m)
      .and.match(/ {2}No image\n/);
    expect(result.stderr).to.match(/Tokens that are valid again: .*ada/);
    const again = await desk.run(['cluster:restore', fileOf('my.tar.age'), '--json']);
    expect(again.code).to.equal(0);
    expect((await desk.run(['cluster:restore', fileOf('my.tar.age')])).stdout).to.match(/^App +Release +Result\n/);
    const told = (JSON.parse(again.stdout) as { apps: { app: string; outcome: string }[] }).apps;
    expect(told.map(({ app, outcome }) => `${app} ${outcome}`)).to.deep.equal(['blog recorded', 'shop kept']);
  });

  it("replace only with the cluster's name", async () => {
    await desk.run('cluster:backup my.tar.age --no-encryption');
    await desk.run('config:set KEY=new -a shop');
    expect((await desk.run('cluster:restore my.tar.age --replace')).code).to.equal(2);
    expect((await desk.run('cluster:restore my.tar.age --replace --confirm other')).stderr).to.contain('other');
    expect(await desk.platform.config.get('shop')).to.deep.equal({ KEY: 'new' });
    expect((await desk.run('cluster:restore my.tar.age --replace --confirm test')).code).to.equal(0);
    expect(await desk.platform.config.get('shop')).to.deep.equal({ KEY: 'secret-of-shop' });
  });

  it('are for admins, and need a file that is there', async () => {
    expect((await desk.run('cluster:backup x', { env: { ...env, MOTHERSHIP_TOKEN: tokens.member } })).code).to.equal(1);
    expect((await readdir(desk.folder)).includes('x')).to.equal(false);
    expect((await desk.run('cluster:restore missing.backup')).stderr)
      .to.contain('There is no file missing.backup.')
      .and.not.contain('slugignore');
  });
});
