import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack as tarStream } from 'tar-stream';
import { packBackup } from '../../src/backup/pack.ts';
import { readBackup, readImages } from '../../src/backup/unpack.ts';
import { strangeSize, tarHeader } from '../builds/raw-tar.ts';
import { appBackup, bytesOf, codeOf, images, pieces, source } from './sample.ts';

const read = (bytes: Buffer, size = 4096) => readBackup(pieces(bytes, size));

describe('a backup', () => {
  it('gives back what was put into it, however it is cut to pieces', async () => {
    const saved = randomBytes(17 * 1024 * 1024);
    const tar = await bytesOf(packBackup(source(saved)));
    for (const size of [977, 65_536, tar.length]) {
      const { apps, tokens, certificate, manifest, images: index } = await read(tar, size);
      expect(apps).to.deep.equal([appBackup('shop'), appBackup('blog')]);
      expect(tokens[0]).to.include({ user: 'ada', hash: 'f'.repeat(64) });
      expect(certificate).to.include({ domain: 'old.paas' });
      expect(manifest).to.include({ cluster: 'old', mothership: '0.1.0' });
      expect(index).to.deep.equal(images);
    }
    expect((await bytesOf(readImages(pieces(tar, 65_536)))).equals(saved)).to.equal(true);
  });

  it('is a tar that tar reads and sha256sum agrees with', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mothership-backup-'));
    try {
      await writeFile(join(folder, 'backup.tar'), await bytesOf(packBackup(source(randomBytes(9_000_000)))));
      execFileSync('tar', ['-xf', 'backup.tar'], { cwd: folder });
      execFileSync('sha256sum', ['--quiet', '--strict', '-c', 'SHA256SUMS'], { cwd: folder });
      expect(JSON.parse(await readFile(join(folder, 'apps/shop.json'), 'utf8'))).to.deep.equal(appBackup('shop'));
      expect(execFileSync('tar', ['-tvf', 'backup.tar'], { cwd: folder }).toString()).to.match(
        /^-rw------- 0\/0 .* images\/000001$/m,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('can leave the images out, and be of no apps', async () => {
    const { apps, manifest } = await read(await bytesOf(packBackup(source(undefined, []))));
    expect(apps).to.deep.equal([]);
    expect(manifest.images).to.equal(false);
  });

  it('is refused when a byte of it was changed that says anything', async function () {
    this.timeout(60_000);
    const tar = await bytesOf(packBackup(source(Buffer.from('images'), [appBackup('shop')])));
    const whole = JSON.stringify(await read(tar));
    for (let at = 0; at < tar.length; at += 1) {
      // Half of a small tar is padding: some bytes of it stand for all.
      if (tar[at] === 0 && at % 16 !== 0) continue;
      const changed = Buffer.from(tar);
      changed[at]! ^= 1 << (at % 8);
      const result = await read(changed, 65_536).then(
        (contents) => JSON.stringify(contents),
        (error: unknown) => (error as { code: string }).code,
      );
      expect(result, `byte ${at}`).to.be.oneOf(['BACKUP_DAMAGED', 'BACKUP_UNKNOWN', whole]);
    }
  });

  it('is refused when its end is missing, wherever it was cut', async () => {
    const tar = await bytesOf(packBackup(source(Buffer.from('images'), [appBackup('shop')])));
    /** After the last file: its padding, and two empty blocks. */
    const end = tar.lastIndexOf('SHA256SUMS') + 512 + 6 * 64;
    for (let length = 0; length < end; length += 256)
      expect(await codeOf(read(tar.subarray(0, length))), `${length} bytes`).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(read(tar.subarray(0, tar.length - 1)))).to.equal('BACKUP_DAMAGED');
  });

  it('is refused when something follows it', async () => {
    const tar = await bytesOf(packBackup(source(undefined)));
    expect(await codeOf(read(Buffer.concat([tar, randomBytes(512)])))).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(read(Buffer.concat([tar, tar])))).to.equal('BACKUP_DAMAGED');
  });

  it('of a newer format is told apart from a damaged one', async () => {
    const newer = source(undefined);
    const tar = await bytesOf(packBackup({ ...newer, manifest: { ...newer.manifest, version: 3 } }));
    expect(await codeOf(read(tar))).to.equal('BACKUP_TOO_NEW');
  });

  it('is not taken from any other file', async () => {
    expect(await codeOf(read(randomBytes(10_000)))).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(read(Buffer.alloc(0)))).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(read(await foreign((tar) => void tar.entry({ name: 'package.json' }, '{}'))))).to.match(
      /^BACKUP_(UNKNOWN|DAMAGED)$/,
    );
  });

  it('is refused when the size of a file is no number', async () => {
    const header = tarHeader('manifest.json', { size: strangeSize });
    expect(await codeOf(read(Buffer.concat([header, Buffer.alloc(1024)])))).to.equal('BACKUP_DAMAGED');
  });

  it('has no links, folders, absolute or climbing paths, and no files but its own', async () => {
    const tricks = [
      { name: 'manifest.json', type: 'symlink' as const, linkname: '/etc/shadow' },
      { name: 'manifest.json', type: 'link' as const, linkname: '../x' },
      { name: 'apps', type: 'directory' as const },
      { name: '/etc/passwd' },
      { name: '../manifest.json' },
      { name: 'apps/../../x' },
      { name: 'x'.repeat(200) },
    ];
    for (const header of tricks)
      expect(await codeOf(read(await foreign((tar) => void tar.entry(header, '')))), header.name).to.match(/^BACKUP_/);
  });

  it('has each file once and in its turn', async () => {
    const ids = ['../x', 'shop/../blog'];
    for (const id of ids) expect(await codeOf(packed([appBackup(id)])), id).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(packed([appBackup('shop'), appBackup('shop')]))).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(packed([appBackup('shop'), appBackup('blog', { name: 'shop' })]))).to.equal('BACKUP_DAMAGED');
    const stranger = appBackup('shop');
    expect(await codeOf(packed([{ ...stranger, releases: appBackup('blog').releases }]))).to.equal('BACKUP_DAMAGED');
    expect(await codeOf(packed([{ ...stranger, releases: [] }]))).to.equal('BACKUP_DAMAGED');
  });

  const packed = async (apps: ReturnType<typeof appBackup>[]): Promise<unknown> =>
    read(await bytesOf(packBackup(source(undefined, apps))));
});

async function foreign(fill: (tar: ReturnType<typeof tarStream>) => void): Promise<Buffer> {
  const tar = tarStream();
  fill(tar);
  tar.finalize();
  return bytesOf(tar as AsyncIterable<Uint8Array>);
}
