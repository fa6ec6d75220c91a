import { expect } from 'chai';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packBackup } from '../../src/backup/index.ts';
import { bytesOf, source } from '../backup/sample.ts';
import { fakeTokens } from '../fakes/fake-platform.ts';
import { Desk } from './cli.ts';

const passphrase = 'correct horse battery';
const env = { MOTHERSHIP_BACKUP_PASSPHRASE: passphrase };

describe('cluster:backup and cluster:restore', function () {
  this.timeout(60_000);
  let desk: Desk;
  let tar: Buffer;

  before(async () => {
    tar = await bytesOf(packBackup(source(Buffer.from('images'))));
  });
  beforeEach(async () => {
    desk = await Desk.open();
    desk.platform.backups.content = [tar.subarray(0, 3000), tar.subarray(3000)];
    desk.platform.backups.result = { apps: [], tokens: [], certificate: 'none' };
  });
  afterEach(() => desk.close());

  const app = (name: string, outcome: string): object => ({
    app: name,
    outcome,
    release: 2,
    withoutImage: outcome === 'no-image' ? [2, 1] : [],
    detail: `how ${name} is`,
  });
  const restored = (): Buffer => Buffer.concat(desk.platform.backups.restored);

  it('write an encrypted file for its owner only, and read it back', async () => {
    const written = await desk.run('cluster:backup my.tar.age', { env });
    expect(written).to.include({ code: 0, stdout: 'my.tar.age\n' });
    expect(written.stderr)
      .to.match(/^Backing up fake\.\.\. done, \d/m)
      .and.not.contain(passphrase);
    const file = join(desk.folder, 'my.tar.age');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await readFile(file)).includes('secret of shop')).to.equal(false);
    expect(await readFile(file, 'latin1')).to.match(/^age-encryption\.org\/v1\n-> scrypt \S+ 17\n/);
    expect(await desk.run('cluster:restore my.tar.age', { env })).to.include({ code: 0, stdout: '' });
    expect(restored().equals(tar)).to.equal(true);
  });

  it('name the file after the cluster and the time', async () => {
    const { stdout } = await desk.run('cluster:backup --no-encryption --no-images --json');
    const result = JSON.parse(stdout) as { file: string };
    expect(result).to.include({ cluster: 'old', apps: 2, encrypted: false });
    expect(result.file).to.match(/^fake-\d{4}-\d\d-\d\dT\d{6}\.tar$/);
    expect((await readFile(join(desk.folder, result.file))).equals(tar)).to.equal(true);
    expect(desk.platform.backups.options).to.deep.equal({ images: false });
  });

  it('go through pipes', async () => {
    const { code, stderr } = await desk.run('cluster:backup - --no-encryption');
    expect(code, stderr).to.equal(0);
    expect(await desk.run('cluster:restore - --no-tokens', { stdin: tar.toString('latin1') })).to.include({ code: 0 });
    expect(restored().equals(tar)).to.equal(true);
    expect(desk.platform.backups.options).to.deep.equal({ tokens: false });
  });

  it('never overwrite a file, and leave none when it is not whole', async () => {
    await writeFile(join(desk.folder, 'old.tar'), 'kept');
    expect((await desk.run('cluster:backup old.tar --no-encryption')).stderr).to.contain('already exists');
    expect(await readFile(join(desk.folder, 'old.tar'), 'utf8')).to.equal('kept');
    desk.platform.backups.breaksOff = true;
    const broken = await desk.run('cluster:backup new.tar --no-encryption');
    expect(broken).to.include({ code: 1, stdout: '' });
    expect(broken.stderr).to.contain('Could not complete the backup');
    desk.platform.backups.breaksOff = false;
    desk.platform.backups.content = [tar.subarray(0, 5000)];
    expect((await desk.run('cluster:backup new.tar --no-encryption')).code).to.equal(1);
    expect(await readdir(desk.folder)).to.deep.equal(['old.tar']);
  });

  it('want a passphrase of some length, and the same one again', async () => {
    expect(await desk.run('cluster:backup x')).to.include({ code: 2 });
    expect((await desk.run('cluster:backup x')).stderr).to.contain('MOTHERSHIP_BACKUP_PASSPHRASE');
    expect((await desk.run('cluster:backup x', { env: { MOTHERSHIP_BACKUP_PASSPHRASE: 'short' } })).stderr).to.contain(
      'at least 8',
    );
    await desk.run('cluster:backup my.tar.age', { env });
    const wrong = await desk.run('cluster:restore my.tar.age', {
      env: { MOTHERSHIP_BACKUP_PASSPHRASE: 'incorrect horse' },
    });
    expect(wrong).to.include({ code: 1 });
    expect(wrong.stderr).to.contain('Wrong passphrase for this backup');
    expect(desk.platform.backups.restored).to.deep.equal([]);
  });

  it('tell app by app how it went, and exit with 3 when some do not run', async () => {
    await writeFile(join(desk.folder, 'my.tar.age'), tar);
    desk.platform.backups.result = {
      apps: [app('blog', 'started'), app('shop', 'no-image')],
      tokens: ['ada'],
      certificate: 'restored',
    };
    const result = await desk.run('cluster:restore my.tar.age');
    expect(result).to.include({ code: 3 });
    expect(result.stdout)
      .to.match(/^blog +v2 +how blog is$/m)
      .and.match(/^shop +v2 +how shop is +v2, v1$/m);
    expect(result.stderr).to.contain('Tokens that are valid again: ada');
    expect(JSON.parse((await desk.run('cluster:restore my.tar.age --json')).stdout)).to.deep.equal(
      desk.platform.backups.result,
    );
    desk.platform.backups.result = {
      apps: [app('blog', 'started'), app('shop', 'kept')],
      tokens: [],
      certificate: 'same',
    };
    expect(await desk.run('cluster:restore my.tar.age')).to.include({ code: 0 });
  });

  it("replace only with the cluster's name", async () => {
    await writeFile(join(desk.folder, 'my.tar.age'), tar);
    expect((await desk.run('cluster:restore my.tar.age --replace')).code).to.equal(2);
    expect((await desk.run('cluster:restore my.tar.age --replace --confirm other')).stderr).to.contain('other');
    expect(desk.platform.backups.restored).to.deep.equal([]);
    expect((await desk.run('cluster:restore my.tar.age --replace --confirm fake')).code).to.equal(0);
    expect(desk.platform.backups.options).to.deep.equal({ replace: true, confirm: 'fake' });
  });

  it('are for admins, and need a file that is there', async () => {
    expect(
      (await desk.run('cluster:backup x', { env: { ...env, MOTHERSHIP_TOKEN: fakeTokens.member } })).code,
    ).to.equal(1);
    expect(await readdir(desk.folder)).to.deep.equal([]);
    expect((await desk.run('cluster:restore missing.backup')).stderr).to.contain('there is no such file');
  });
});
