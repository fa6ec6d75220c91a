import { expect } from 'chai';
import { archiveOf } from './archive-of.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

const ID = `sha256:${'a'.repeat(64)}`;

describe('images and servers that are not of the app', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'spy' }, caller);
    world.engine.imageStore.add('mothership-app/shop:1', { id: ID });
    world.addresses = {
      'inside.example.com': ['8.8.8.8', '10.0.0.1'],
      'public.example.com': ['8.8.8.8'],
      '127.0.0.1': ['127.0.0.1'],
    };
  });
  afterEach(() => world.close());

  const build = async (dockerfile: string): Promise<string> => {
    const archive = archiveOf({ Dockerfile: dockerfile });
    const operation = await world.platform.builds.create('spy', { archive, options: {} }, caller);
    return outcome((await world.follow(operation)).ending);
  };

  describe('in a Dockerfile', () => {
    let built: number;
    beforeEach(() => {
      built = 0;
      world.engine.imageStore.builder = () => {
        built += 1;
        return { lines: [] };
      };
    });

    for (const [step, code] of Object.entries({
      'COPY --from=mothership-app/shop:1 /app /stolen': 'IMAGE_REFUSED',
      [`COPY --from=${ID} /app /stolen`]: 'IMAGE_REFUSED',
      [`FROM ${ID.slice(7, 19)} AS other`]: 'IMAGE_REFUSED',
      'FROM docker.io/mothership/controller:1': 'IMAGE_REFUSED',
      'LABEL mothership.kind=run mothership.app=shop': 'DOCKERFILE_LABEL_RESERVED',
      'ONBUILD LABEL mothership.kind=run': 'DOCKERFILE_LABEL_RESERVED',
      'ADD http://127.0.0.1:18999/secret.txt /x': 'ADDRESS_PRIVATE',
      'ADD http://inside.example.com/secret.txt /x': 'ADDRESS_PRIVATE',
      'FROM inside.example.com/a': 'ADDRESS_PRIVATE',
    }))
      it(`are refused before anything runs: ${step.slice(0, 60)}`, async () => {
        expect(await build(`FROM node:22\n${step}\n`)).to.equal(code);
        expect(built).to.equal(0);
      });

    it('are taken from public registries, and those that an admin allows', async () => {
      const dockerfile = 'FROM public.example.com/a\nADD http://inside.example.com:8080/x /x\n';
      expect(await build(dockerfile)).to.equal('ADDRESS_PRIVATE');
      await world.platform.buildSettings.update({ registries: { 'inside.example.com:8080': true } }, caller);
      expect(await build(dockerfile)).to.equal('done');
      expect(built).to.equal(1);
    });
  });

  describe('released with --image', () => {
    const release = (image: string): Promise<string> =>
      rejection(world.platform.releases.create('spy', { image }, caller));

    for (const [image, code] of Object.entries({
      'mothership-app/shop:1': 'IMAGE_REFUSED',
      'index.docker.io/mothership-app/shop:1': 'IMAGE_REFUSED',
      [ID]: 'IMAGE_REFUSED',
      [ID.slice(7, 19)]: 'IMAGE_REFUSED',
      'mothership/controller': 'IMAGE_REFUSED',
      'registry.mothership.internal:5000/apps/shop': 'IMAGE_REFUSED',
      '127.0.0.1:18999/x': 'ADDRESS_PRIVATE',
      'localhost/x': 'ADDRESS_PRIVATE',
      'inside.example.com/x': 'ADDRESS_PRIVATE',
    }))
      it(`are refused: ${image.slice(0, 60)}`, async () => expect(await release(image)).to.equal(code));

    it('are pulled with the credentials of their registry', async () => {
      const given: unknown[] = [];
      world.engine.imageStore.remote = {
        covers: (reference) => reference.startsWith('public.example.com/'),
        pull: (_reference, auth) => {
          given.push(auth && { user: auth.user, password: auth.password.reveal() });
          return {};
        },
        push: () => 'refused',
      };
      const login = { user: 'robot', password: 'hush' };
      await world.platform.buildSettings.update({ registryLogins: { 'public.example.com': login } }, caller);
      const operation = await world.platform.releases.create('spy', { image: 'public.example.com/a:1' }, caller);
      expect(outcome((await world.follow(operation)).ending)).to.equal('done');
      expect(given).to.deep.equal([login]);
    });
  });
});
