import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decrypt, encrypt } from '../../src/backup/index.ts';
import { packBackup } from '../../src/backup/pack.ts';
import { readBackup } from '../../src/backup/unpack.ts';
import { Secret } from '../../src/events/index.ts';
import { asRoot, must, run } from '../lab/command.ts';
import { appBackup, bytesOf, images, pieces, source } from './sample.ts';

const passphrase = 'correct horse battery';

/** Debian's `age` and `tar`, and nothing of Mothership, as an operator has them on the day that Mothership is lost. */
describe("an encrypted backup in an operator's hands", function () {
  this.timeout(180_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mothership-age-'));
    if ((await run(['which', 'age'])).code === 0) return;
    await must(asRoot(['apt-get', 'update', '-q']));
    await must(asRoot(['apt-get', 'install', '-yq', '--no-install-recommends', 'age']));
  });
  after(() => rm(folder, { recursive: true }));

  const tool = (file: string, ...args: string[]): string => execFileSync(file, args, { cwd: folder }).toString();
  /** age reads passphrases from a terminal only; `script` gives it one. */
  const typed = (command: string, input: string): string =>
    execFileSync('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: folder,
      input,
    }).toString();

  it('opens with age, lists with tar, and its checksums are right', async () => {
    const saved = randomBytes(9_000_000);
    const file = await bytesOf(encrypt(packBackup(source(saved)), new Secret(passphrase)));
    await writeFile(join(folder, 'lost.tar.age'), file);
    typed('age --decrypt --output lost.tar lost.tar.age', `${passphrase}\n`);
    expect(tool('tar', '-tf', 'lost.tar').trim().split('\n')).to.deep.equal([
      'manifest.json',
      'cluster.json',
      'tokens.json',
      'certificate.json',
      'apps/shop.json',
      'apps/blog.json',
      'images.json',
      'images/000000',
      'images/000001',
      'SHA256SUMS',
    ]);
    tool('tar', '-xf', 'lost.tar');
    tool('sha256sum', '--quiet', '--strict', '-c', 'SHA256SUMS');
    expect(JSON.parse(await readFile(join(folder, 'apps/shop.json'), 'utf8'))).to.deep.equal(appBackup('shop'));
    const parts = ['images/000000', 'images/000001'].map((name) => readFile(join(folder, name)));
    expect(Buffer.concat(await Promise.all(parts)).equals(saved)).to.equal(true);
  });

  it('stays shut for age with another passphrase', () => {
    expect(() => typed('age --decrypt --output no.tar lost.tar.age', 'incorrect horse\n')).to.throw();
  });

  it('can be packed with tar and encrypted with age again, and restores', async () => {
    const names = tool('tar', '-tf', 'lost.tar').trim().split('\n');
    tool('tar', '-cf', 'again.tar', ...names);
    typed('age --passphrase --output again.tar.age again.tar', `${passphrase}\n${passphrase}\n`);
    const bytes = await readFile(join(folder, 'again.tar.age'));
    const plain = await decrypt(pieces(bytes, 65_536), () => Promise.resolve(new Secret(passphrase)));
    const { apps, images: index } = await readBackup(plain);
    expect(apps).to.deep.equal([appBackup('shop'), appBackup('blog')]);
    expect(index).to.deep.equal(images);
  });
});
