import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { appFiles } from './app-files.ts';
import { BaseImages } from './base-images/base-images.ts';
import { BuildWorld } from './build-world.ts';
import { dockerfileCases } from './dockerfile-cases.ts';
import { PackageIndex } from './package-index.ts';

/** One app for all: its storage then has each base image once. */
const APP = 'corpus';
/** For ADD: in place of a file on a public server. */
const DOWNLOAD = 'an archive';
const CHECKSUM = createHash('sha256').update(DOWNLOAD).digest('hex');

interface Wanted {
  /** All if omitted. */
  readonly cases?: readonly string[];
  /** Base images that these cases need; all if omitted. */
  readonly stages?: readonly string[];
}

/** Tests that build Dockerfiles of `test/sample-apps/dockerfiles`, with base images from a registry of their own. */
export function buildDockerfiles({ cases, stages }: Wanted = {}): void {
  let world: BuildWorld;
  let images: BaseImages;
  let downloads: PackageIndex;
  before(async function () {
    this.timeout(900_000);
    world = await BuildWorld.start();
    images = await BaseImages.start(world.node, stages);
    const route = await world.node.exec(['ip', '-4', 'route', 'show', 'default']);
    const host = /via (\S+)/.exec(route.stdout)?.[1] ?? '';
    downloads = await PackageIndex.start(host, { '/busybox-1.36.1.tar.gz': DOWNLOAD });
  });
  after(async () => {
    await downloads?.stop();
    await world.stop();
  });

  const withOurServers = (text: string): string =>
    images
      .rename(text)
      .replace('https://example.com', downloads.url)
      .replace(/sha256:[0-9a-f]{64}/, `sha256:${CHECKSUM}`);

  for (const { name, target, buildArgs, refused, needs, port, isIdle } of dockerfileCases) {
    if (needs || (cases && !cases.includes(name))) continue;
    const outcome = refused ? 'are refused' : isIdle ? 'are built' : 'are built and answer';
    it(`${outcome}: ${name}`, async function () {
      this.timeout(120_000);
      const files = await appFiles(`dockerfiles/${name}`);
      const source = { ...files, Dockerfile: withOurServers(files['Dockerfile']!) };
      const { error, lines, result } = await world.attempt(source, {
        app: APP,
        target,
        buildArgs: { ...buildArgs, ...(name === 'build-args' ? { REGISTRY: images.host } : {}) },
        registries: { allowed: [images.host, new URL(downloads.url).host], logins: [] },
      });
      if (refused) {
        expect(error).to.match(new RegExp(`^${refused[0]}: Line ${refused[1]} of the Dockerfile`));
        return;
      }
      expect(error, lines.join('\n')).to.equal('');
      if (!isIdle)
        expect(await world.visit(result, 'curl -s $URL', { PORT: String(port ?? 5000) })).to.equal(`${name}\n`);
    });
  }
}
