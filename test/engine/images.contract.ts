import { expect } from 'chai';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Secret } from '../../src/events/index.ts';
import { tarOf } from './containers.contract.ts';
import { CONTRACT, fresh, refusal, type Subject } from './subject.ts';

export function imageContract(subject: () => Subject): void {
  const build = async (
    dockerfile: string,
    change: object = {},
  ): Promise<{ id: string; tag: string; lines: string[] }> => {
    const { engine, image } = subject();
    const tag = `${fresh('built')}:v1`;
    const lines: string[] = [];
    const context = tarOf({ Dockerfile: dockerfile.replace('BASE', image), 'file.txt': 'content' });
    const id = await engine.buildImage(context, { tag, labels: CONTRACT, ...change }, (line) => lines.push(line));
    return { id, tag, lines };
  };

  describe('images', () => {
    it('are undefined when there are none', async () => {
      expect(await subject().engine.image(`${fresh('none')}:1`)).to.equal(undefined);
    });

    it('are imported with labels, tagged, listed and removed', async () => {
      const { engine } = subject();
      const tag = `${fresh('imported')}:v1`;
      const labels = { ...CONTRACT, key: 'a "quoted" $value \\ with all' };
      const id = await engine.importImage(tarOf({ hello: tag }), tag, labels);
      expect(await engine.image(tag)).to.deep.include({ id, tags: [tag], labels });
      expect((await engine.image(id))?.layers).to.have.length(1);
      expect((await engine.images(CONTRACT)).map((image) => image.id)).to.include(id);
      const other = `registry.example:5000/${tag}`;
      await engine.tagImage(id, other);
      expect((await engine.image(other))?.id).to.equal(id);
      await refusal(engine.removeImage(id), 'ENGINE_FAILED');
      await engine.removeImage(tag);
      expect((await engine.image(id))?.tags).to.deep.equal([other]);
      await engine.removeImage(other);
      await engine.removeImage(other);
      expect(await engine.image(id)).to.equal(undefined);
    });

    it('are built from a Dockerfile, step by step', async () => {
      const { engine } = subject();
      const { id, tag, lines } = await build('FROM BASE\nCOPY file.txt /file.txt\nRUN true\n');
      expect(id).to.match(/^sha256:/);
      expect((await engine.image(tag))?.labels).to.include(CONTRACT);
      const steps = lines.filter((line) => line.startsWith('Step')).map((line) => line.replace(/^.* : /, ''));
      expect(steps).to.include.members(['COPY file.txt /file.txt', 'RUN true']);
      expect(lines.every((line) => !line.includes('\n'))).to.equal(true);
      await engine.removeImage(tag);
    });

    it('are not built by a step that fails, which is named', async () => {
      const error = await refusal(build('FROM BASE\nRUN true\nRUN false\n'), 'DOCKERFILE_FAILED');
      expect(error.message).to.match(/Step 3\/\d : RUN false: .*non-zero code: 1/);
    });

    it('need a Dockerfile', async () => {
      await refusal(build('FROM BASE\n', { dockerfile: 'Elsewhere' }), 'DOCKERFILE_FAILED');
    });

    it('are not built once the signal has aborted', async () => {
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      const error: unknown = await build('FROM BASE\nRUN sleep 30\n', { signal }).catch((e: unknown) => e);
      expect(error).to.equal(reason);
    });

    it('are saved to one tar and loaded from it, with the same ids, and tags for those saved by tag', async () => {
      const { engine } = subject();
      const [base, byId] = [await build('FROM BASE\nLABEL part=1\n'), await build('FROM BASE\nLABEL part=2\n')];
      const tar = await buffer(await engine.saveImages([base.tag, byId.id]));
      for (const { tag } of [base, byId]) await engine.removeImage(tag);
      expect(await engine.image(byId.id)).to.equal(undefined);
      await engine.loadImages(Readable.from([tar]));
      expect(await engine.image(base.tag)).to.deep.include({ id: base.id, tags: [base.tag] });
      expect(await engine.image(byId.id)).to.deep.include({ id: byId.id, tags: [] });
      await engine.loadImages(Readable.from([tar]));
      await engine.removeImage(byId.id);
      await engine.removeImage(base.tag);
    });

    it('are neither saved when one is missing nor loaded from what is no such tar', async () => {
      const { engine } = subject();
      await refusal(engine.saveImages([`sha256:${'0'.repeat(64)}`]), 'ENGINE_FAILED');
      await refusal(engine.loadImages(Readable.from([Buffer.alloc(3000, 'x')])), 'ENGINE_FAILED');
    });

    it('are not pulled when no registry has them', async () => {
      const reference = `localhost:1/${fresh('none')}:1`;
      const error = await refusal(
        subject().engine.pullImage(reference, () => {}),
        'IMAGE_UNAVAILABLE',
      );
      expect(error.message).to.contain(reference);
    });

    it('need a registry that lets somebody in', async () => {
      const error = await refusal(
        subject().engine.checkLogin('localhost:1', { user: 'ada', password: new Secret('hush') }),
        'REGISTRY_REFUSED',
      );
      expect(error.message).to.contain('localhost:1').and.contain('ada');
    });

    it('are not pushed to a registry that does not answer, nor when there are none', async () => {
      const { engine, image } = subject();
      const auth = { user: 'ada', password: new Secret('hush') };
      const reference = `localhost:1/${fresh('mine')}:v1`;
      const missing = await refusal(
        engine.pushImage(reference, auth, () => {}),
        'IMAGE_PUSH_FAILED',
      );
      expect(missing.message).to.contain(reference).and.contain('does not exist');
      await engine.tagImage((await engine.image(image))!.id, reference);
      try {
        expect(
          (
            await refusal(
              engine.pushImage(reference, auth, () => {}),
              'IMAGE_PUSH_FAILED',
            )
          ).message,
        ).to.contain('refused');
      } finally {
        await engine.removeImage(reference);
      }
    });
  });
}
