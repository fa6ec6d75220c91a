import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Registry } from '../../src/registry/client/registry.ts';
import type { Manifest } from '../../src/registry/client/registry.ts';
import { fresh, refusal } from '../engine/subject.ts';

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const MEDIA_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** What every registry does, the one in memory and Debian's. */
export function registryContract(subject: () => Registry): void {
  const put = async (repository: string, text: string): Promise<{ digest: string; size: number }> => {
    const content = Buffer.from(text);
    const digest = digestOf(content);
    await subject().putBlob(repository, digest, { size: content.length, body: Readable.from([content]) });
    return { digest, size: content.length };
  };
  const manifestOf = (config: { digest: string; size: number }, layer: { digest: string; size: number }): Manifest => {
    const body = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE,
        config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
        layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...layer }],
      }),
    );
    return { digest: digestOf(body), mediaType: MEDIA_TYPE, body };
  };
  const putImage = async (repository: string, tag: string): Promise<Manifest> => {
    const manifest = manifestOf(
      await put(repository, `config of ${repository}:${tag}`),
      await put(repository, `layer of ${repository}:${tag}`),
    );
    await subject().putManifest(repository, tag, manifest);
    return manifest;
  };

  describe('a registry', () => {
    it('has nothing of what was never put there', async () => {
      const repository = `apps/${fresh('none')}`;
      const digest = digestOf(Buffer.from('none'));
      expect(await subject().digestOf(repository, 'v1')).to.equal(undefined);
      expect(await subject().manifest(repository, digest)).to.equal(undefined);
      expect(await subject().hasBlob(repository, digest)).to.equal(false);
      expect(await subject().blob(repository, digest)).to.equal(undefined);
      expect(await subject().tags(repository)).to.deep.equal([]);
      await subject().deleteManifest(repository, digest);
    });

    it('gives back blobs and manifests, by tag and by digest', async () => {
      const repository = `apps/${fresh('shop')}`;
      const manifest = await putImage(repository, 'v1');
      expect(await subject().manifest(repository, 'v1')).to.deep.equal(manifest);
      expect(await subject().manifest(repository, manifest.digest)).to.deep.equal(manifest);
      expect(await subject().digestOf(repository, 'v1')).to.equal(manifest.digest);
      const layer = Buffer.from(`layer of ${repository}:v1`);
      const blob = await subject().blob(repository, digestOf(layer));
      expect(blob?.size).to.equal(layer.length);
      expect(await buffer(blob!.body)).to.deep.equal(layer);
      expect(await subject().tags(repository)).to.deep.equal(['v1']);
      expect(await subject().repositories()).to.include(repository);
    });

    it('takes no manifest whose layers it lacks', async () => {
      const repository = `apps/${fresh('half')}`;
      const missing = { digest: digestOf(Buffer.from(repository)), size: 3 };
      const manifest = manifestOf(await put(repository, 'a config'), missing);
      await refusal(subject().putManifest(repository, 'v1', manifest), 'REGISTRY_REFUSED');
      expect(await subject().tags(repository)).to.deep.equal([]);
    });

    it('takes a blob over from another repository that has it', async () => {
      const [from, to] = [`apps/${fresh('one')}`, `apps/${fresh('two')}`];
      const { digest } = await put(from, `shared by ${to}`);
      expect(await subject().mountBlob(to, digest, from)).to.equal(true);
      expect(await subject().hasBlob(to, digest)).to.equal(true);
      expect(await subject().mountBlob(to, digestOf(Buffer.from(`of nobody ${to}`)), from)).to.equal(false);
    });

    it('forgets a manifest with all its tags, and then its layers', async () => {
      const repository = `apps/${fresh('old')}`;
      const manifest = await putImage(repository, 'v1');
      await subject().putManifest(repository, 'v2', manifest);
      const kept = await putImage(repository, 'v3');
      await subject().deleteManifest(repository, manifest.digest);
      await subject().deleteManifest(repository, manifest.digest);
      expect(await subject().tags(repository)).to.deep.equal(['v3']);
      expect(await subject().digestOf(repository, manifest.digest)).to.equal(undefined);
      await subject().freeBlobs();
      expect(await subject().hasBlob(repository, digestOf(Buffer.from(`layer of ${repository}:v1`)))).to.equal(false);
      expect(await subject().hasBlob(repository, digestOf(Buffer.from(`layer of ${repository}:v3`)))).to.equal(true);
      expect((await subject().manifest(repository, 'v3'))?.digest).to.equal(kept.digest);
    });
  });
}
