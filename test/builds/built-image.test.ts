import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { packTar, readTar, contentOf, fileEntry } from '../../src/archive/index.ts';
import { builtImage } from '../../src/builds/dockerfile/image-config.ts';
import { imageArchive, knownLayers } from '../../src/builds/image/image-archive.ts';
import { MiB } from '../../src/values/size.ts';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const created = new Date('2026-11-01T00:00:00Z');
const refused = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: Error) => error.message,
  );

describe('an image that a build hands over', () => {
  const given = (change: object = {}): string =>
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      author: 'x',
      container_config: { Cmd: ['evil'] },
      config: {
        ...{ User: 'app', Entrypoint: null, Cmd: ['node', 'x'], Env: ['A=b'], ExposedPorts: { '80/tcp': { x: 1 } } },
        ...{ Healthcheck: { Test: ['CMD', 'x'] }, OnBuild: ['RUN x'], Hostname: 'h' },
        Labels: {
          a: 'b',
          'mothership.kind': 'run',
          'Mothership.kind': 'x',
          'mothership.app': 'other',
          'com.docker.swarm.task': 't',
        },
      },
      rootfs: { type: 'layers', diff_ids: [sha256('one')] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'RUN x', author: 'x' }],
      ...change,
    });
  const read = (json: string): ReturnType<typeof builtImage> => builtImage(json, { app: 'shop', created });

  it('has the configuration of an app and nothing else, with our labels', () => {
    const { config, layers, command } = read(given());
    expect(JSON.parse(config)).to.deep.equal({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-11-01T00:00:00.000Z',
      config: {
        ...{ User: 'app', Cmd: ['node', 'x'], Env: ['A=b'], ExposedPorts: { '80/tcp': {} } },
        Labels: { a: 'b', 'mothership.kind': 'app-image', 'mothership.app': 'shop' },
      },
      rootfs: { type: 'layers', diff_ids: [sha256('one')] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'RUN x' }],
    });
    expect(layers).to.deep.equal([sha256('one')]);
    expect(command).to.deep.equal(['node', 'x']);
    expect(read(given()).config).to.equal(config);
  });

  it('is refused when it is none', () => {
    const layers = Array(200).fill(sha256('one')) as string[];
    for (const wrong of [
      '',
      '{',
      'null',
      given({ config: { Cmd: 'x' } }),
      given({ config: { Cmd: Array(2000).fill('x') } }),
      given({ os: 'windows' }),
      given({ rootfs: { type: 'layers', diff_ids: ['../../etc/passwd'] } }),
      given({ rootfs: { type: 'layers', diff_ids: layers } }),
      given({ history: [{ created: 'x' }] }),
    ])
      expect(() => read(wrong), wrong.slice(0, 200))
        .to.throw()
        .with.property('code', 'DOCKERFILE_FAILED');
  });
});

describe('layers that an engine has', () => {
  it('are the lowest ones that one image has in the same order', () => {
    const images = [{ layers: ['a', 'b', 'x'] }, { layers: ['b'] }, { layers: [] }];
    expect(knownLayers(['a', 'b', 'c'], images)).to.equal(2);
    expect(knownLayers(['a', 'b', 'x', 'y'], images)).to.equal(3);
    expect(knownLayers(['c', 'b'], images)).to.equal(0);
    expect(knownLayers(['a'], images)).to.equal(1);
    expect(knownLayers(['a'], [])).to.equal(0);
  });

  const image = { layers: ['one', 'two', 'three'].map(sha256), known: 1, config: '{"x":1}', tag: 'mothership-app/a:b' };
  const contents = (files: Record<string, string>) =>
    packTar(Object.entries(files).map(([name, text]) => fileEntry({ name: `layers/${name}` }, text)));
  const loaded = async (files: Record<string, string>, limit = MiB): Promise<[string, string][]> => {
    const tar = imageArchive(image, contents(files), limit);
    const found: [string, string][] = [];
    for await (const entry of readTar(tar)) found.push([entry.header.name, (await contentOf(entry)).toString()]);
    return found;
  };

  it('are left out of what an engine loads, in which the manifest comes last', async () => {
    const config = `${sha256('{"x":1}').slice(7)}.json`;
    expect(await loaded({ '001': 'two', '002': 'three' })).to.deep.equal([
      ['1/layer.tar', 'two'],
      ['2/layer.tar', 'three'],
      [config, '{"x":1}'],
      [
        'manifest.json',
        `[{"Config":"${config}","RepoTags":["mothership-app/a:b"],"Layers":["0/layer.tar","1/layer.tar","2/layer.tar"]}]`,
      ],
    ]);
  });

  it('must be given with their digests: the engine would take its own for a layer of another app', async () => {
    expect(await refused(loaded({ '001': 'two', '002': 'other' }))).to.contain('a layer has another digest');
    expect(await refused(loaded({ '001': 'two' }))).to.contain('a layer is missing');
    expect(await refused(loaded({ '002': 'three', '001': 'two' }))).to.contain('not in order');
    expect(await refused(loaded({ '001': 'two', '002': 'three', '003': 'four' }))).to.contain('another digest');
    expect(await refused(loaded({ '001': 'two', '002': 'three' }, 7))).to.contain('larger than its disk space');
  });

  it('are not what the engine would unpack first, to any size', async () => {
    const given = async (start: string, chunk: number): Promise<string> => {
      const layer = Buffer.from(`${start}/etc/x${'\0'.repeat(500)}`, 'latin1');
      const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
      const header = { name: 'layers/000', type: 'file' as const, size: layer.length };
      const chunks = Array.from({ length: Math.ceil(layer.length / chunk) }, (_, n) =>
        layer.subarray(n * chunk, (n + 1) * chunk),
      );
      const tar = packTar([{ header, content: Readable.from(chunks) }]);
      return refused(buffer(imageArchive({ ...image, layers: [digest], known: 0 }, tar, MiB)));
    };
    for (const magic of ['BZh9', '\x1f\x8b\x08', '\xfd7zXZ\0', '\x28\xb5\x2f\xfd', 'P*M\x18', '_*M\x18'])
      for (const chunk of [1, 3, 1000]) expect(await given(magic, chunk), magic).to.contain('a layer is compressed');
    for (const name of ['BZ', 'P*M', 'etc']) expect(await given(name, 1000), name).to.equal('taken');
  });

  it('are never loaded when something is wrong', async () => {
    const tar = imageArchive(image, contents({ '001': 'other' }), MiB);
    const read = await buffer(tar).catch(() => Buffer.alloc(0));
    expect(read.includes('manifest.json')).to.equal(false);
  });
});
