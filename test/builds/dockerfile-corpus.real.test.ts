import { expect } from 'chai';
import { appFiles } from './app-files.ts';
import { BaseImages } from './base-images/base-images.ts';
import { BuildWorld } from './build-world.ts';
import { dockerfileCases } from './dockerfile-cases.ts';

/** One app for all: its storage then has each base image once. */
const APP = 'corpus';

describe('Dockerfiles that people have, with base images from a registry', function () {
  this.timeout(120_000);
  let world: BuildWorld;
  let images: BaseImages;
  before(async function () {
    this.timeout(900_000);
    world = await BuildWorld.start();
    images = await BaseImages.start(world.node);
  });
  after(() => world.stop());

  for (const { name, target, buildArgs, refused, needs, port, isIdle } of dockerfileCases) {
    if (needs) continue;
    const outcome = refused ? 'are refused' : isIdle ? 'are built' : 'are built and answer';
    it(`${outcome}: ${name}`, async () => {
      const files = await appFiles(`dockerfiles/${name}`);
      const source = { ...files, Dockerfile: images.rename(files['Dockerfile']!) };
      const { error, lines, result } = await world.attempt(source, {
        app: APP,
        target,
        buildArgs: { ...buildArgs, ...(name === 'build-args' ? { REGISTRY: images.host } : {}) },
        registries: { allowed: [images.host], logins: [] },
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
});
