import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import type { Engine } from '../../src/engine/index.ts';
import { Secret, systemClock } from '../../src/events/index.ts';
import { tagReference } from '../../src/registry/index.ts';
import { Images } from '../../src/registry/images.ts';
import type { NeededImages } from '../../src/registry/image-store.ts';
import type { Registry } from '../../src/registry/client/registry.ts';
import { tagOf } from '../../src/registry/references.ts';
import { tarOf } from '../engine/containers.contract.ts';
import { CONTRACT, fresh, refusal, running, serviceSpec, until } from '../engine/subject.ts';
import { BASE_IMAGE, cleanup, newRunId, startNode } from '../lab/index.ts';
import { auth, LabRegistries, makeTrust, SERVER } from './lab-registries.ts';
import { S3Store } from './s3-store.ts';
import { registryContract } from './registry.contract.ts';

describe('registries on a real node', function () {
  this.timeout(120_000);
  const runId = newRunId();
  let lab: LabRegistries;
  let engine: Engine;
  let registries: Registry[];
  let images: Images;

  before(async function () {
    this.timeout(600_000);
    const [node, trust] = await Promise.all([startNode({ name: 'registry', runId }), makeTrust()]);
    lab = new LabRegistries(node, trust);
    ({ engine } = lab);
    await lab.start();
    registries = [lab.client(5000), lab.client(5001)];
    images = new Images({
      engine,
      prefix: SERVER,
      auth,
      collects: true,
      clock: systemClock,
      registries: () => Promise.resolve(registries),
      warn: () => undefined,
    });
  });

  after(() => cleanup(runId));

  registryContract(() => registries[0]!);

  /** An image on the base, with a layer of its own of so many bytes that no compression makes smaller. */
  const build = async (bytes = 1000): Promise<string> => {
    const context = tarOf({
      Dockerfile: `FROM ${BASE_IMAGE}\nCOPY data /data\nEXPOSE 3000\n`,
      data: randomBytes(bytes).toString('base64'),
    });
    return engine.buildImage(context, { tag: `${fresh('app')}:v1`, labels: CONTRACT }, () => undefined);
  };
  const drop = async (image: string): Promise<void> => {
    for (const tag of (await engine.image(image))?.tags ?? []) await engine.removeImage(tag);
    await engine.removeImage(image);
    expect(await engine.image(image)).to.equal(undefined);
  };
  const serve = async (image: string, registryAuth = auth): Promise<string> =>
    engine.createService(serviceSpec({ image }, { image, registryAuth }));

  describe('on an S3-compatible store', () => {
    let store: S3Store;
    let client: Registry;
    before(async () => {
      store = await S3Store.start('images', 'AKIATEST');
      client = await lab.startOnBucket(store, 'a secret');
    });
    after(() => store.stop());

    registryContract(() => client);

    it('keep layers in the bucket and nothing on the disk', async () => {
      const pushed = await build(6 * 2 ** 20);
      const tag = tagReference(SERVER.replace('5000', '5002'), 'apps/bucket', pushed);
      await engine.tagImage(pushed, tag);
      await engine.pushImage(tag, auth, () => undefined);
      const stored = [...store.objects]
        .filter(([key]) => key.endsWith('/data'))
        .reduce((sum, [, { length }]) => sum + length, 0);
      expect(stored).to.be.greaterThan(6 * 2 ** 20);
      expect(await lab.size(5002)).to.be.lessThan(100_000);
      await drop(pushed);
      await engine.pullImage(tag, () => undefined, undefined, auth);
      expect((await engine.image(pushed))?.id).to.equal(pushed);
    });
  });

  it('give an image to Swarm by its digest and password, after the engine has lost it', async () => {
    const image = await build();
    const { reference, sent } = await images.publish('apps/shop', image);
    expect(reference).to.match(/^registry\.mothership\.internal:5000\/apps\/shop@sha256:[0-9a-f]{64}$/);
    expect(sent).to.match(/^[1-9] of \d layers, \d+\.\d MB$/);
    await drop(image);
    const service = await serve(reference);
    const [task] = await running(
      { engine, image, teachProgram: () => undefined, teachService: () => undefined },
      service,
      1,
    );
    expect(task!.image).to.equal(reference);
    expect((await engine.image(image))?.exposedPorts).to.deep.equal([3000]);
    await engine.removeService(service);
  });

  it('know what they have: a second push sends what is new only', async () => {
    const first = await build();
    await images.publish('apps/again', first);
    const second = await build();
    expect((await images.publish('apps/again', second)).sent).to.match(/^1 of \d layers, 0\.0 MB$/);
    expect((await images.publish('apps/again', second)).sent).to.equal(undefined);
  });

  it('refuse a node without the right password', async () => {
    const image = await build();
    const { reference } = await images.publish('apps/closed', image);
    await drop(image);
    const wrong = { user: 'mothership', password: new Secret('guess') };
    const service = await serve(reference, wrong);
    const rejected = await until('the task to be refused', async () =>
      (await engine.tasks({ service })).find((task) => task.state === 'rejected'),
    );
    expect(rejected.error).to.match(/No such image|unauthorized|authentication/i);
    await engine.removeService(service);
    await refusal(
      engine.pullImage(tagReference(SERVER, 'apps/closed', image), () => undefined, undefined, wrong),
      'IMAGE_UNAVAILABLE',
    );
    await refusal(
      engine.pullImage(tagReference(SERVER, 'apps/closed', image), () => undefined),
      'IMAGE_UNAVAILABLE',
    );
    const base = tagReference(SERVER, 'apps/closed', 'sha256:base');
    await engine.tagImage(BASE_IMAGE, base);
    expect(
      (
        await refusal(
          engine.pushImage(base, wrong, () => undefined),
          'IMAGE_PUSH_FAILED',
        )
      ).message,
    ).to.match(/unauthorized|authentication|no basic auth/i);
  });

  it('refuse a controller with a wrong password, and one that trusts another authority refuses them', async () => {
    const stranger = lab.client(5000, { auth: { user: 'mothership', password: new Secret('guess') } });
    expect((await refusal(stranger.tags('apps/shop'), 'REGISTRY_REFUSED')).message).to.contain(
      'authentication required',
    );
    const { cert } = await makeTrust();
    expect((await refusal(lab.client(5000, { ca: cert }).tags('apps/shop'), 'REGISTRY_UNREACHABLE')).message).to.match(
      /self.signed|SELF_SIGNED/,
    );
  });

  it('are told by where they are when they do not answer', async () => {
    const closed = lab.client(5002 as 5001);
    expect((await refusal(closed.tags('apps/shop'), 'REGISTRY_UNREACHABLE')).message)
      .to.contain(`${lab.node.ip}:5002`)
      .and.contain('ECONNREFUSED');
  });

  it('have the same images: what one lacks is copied from the other, layer by layer', async () => {
    const image = await build(3_000_000);
    const alone = new Images({
      engine,
      prefix: SERVER,
      auth,
      collects: true,
      clock: systemClock,
      registries: () => Promise.resolve([registries[0]!]),
      warn: () => undefined,
    });
    await alone.publish('apps/copied', image);
    expect(await registries[1]!.digestOf('apps/copied', tagOf(image))).to.equal(undefined);
    const needed: NeededImages = { images: new Map([['apps/copied', new Set([image])]]), digests: new Set() };
    expect(await images.sync(needed)).to.deep.equal({ copied: 1, missing: [] });
    const manifests = await Promise.all(registries.map((registry) => registry.manifest('apps/copied', tagOf(image))));
    expect(manifests[1]).to.deep.equal(manifests[0]);
    const { config, layers } = JSON.parse(manifests[1]!.body.toString()) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    for (const { digest } of [config, ...layers]) {
      const hash = createHash('sha256');
      for await (const chunk of (await registries[1]!.blob('apps/copied', digest))!.body) hash.update(chunk as Buffer);
      expect(`sha256:${hash.digest('hex')}`).to.equal(digest);
    }
  });

  it('keep what releases need and give back the space of the rest', async () => {
    const [old, live] = [await build(4_000_000), await build(4_000_000)];
    for (const image of [old, live]) await images.publish('apps/collected', image);
    const before = await Promise.all([lab.size(5000), lab.size(5001)]);
    const needed: NeededImages = { images: new Map([['apps/collected', new Set([live])]]), digests: new Set() };
    const collection = await images.collectGarbage(() => Promise.resolve(needed));
    expect(collection?.freed).to.have.length(2);
    const after = await Promise.all([lab.size(5000), lab.size(5001)]);
    for (const i of [0, 1]) expect(before[i]! - after[i]!).to.be.greaterThan(4_000_000);
    expect(await registries[1]!.tags('apps/collected')).to.deep.equal([tagOf(live)]);
    await drop(live);
    await images.ensure('apps/collected', live);
    // Layers that went can be pushed again: nothing remembers that they were there.
    await images.publish('apps/collected', old);
    await drop(old);
    await images.ensure('apps/collected', old);
  });
});
