import { expect } from 'chai';
import { Secret } from '../../src/events/index.ts';
import { caller, rejection, World } from '../platform/world.ts';

describe('tokens that deploy an app', () => {
  let world: World;
  let value: Secret;
  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
    const token = await world.platform.tokens.create({ user: 'ci', deploy: 'shop' });
    expect(token).to.include({ role: 'deploy', app: 'shop' });
    value = new Secret(token.value);
  });
  afterEach(() => world.close());

  const who = async (): Promise<unknown> => {
    const found = await world.platform.tokens.authenticate(value);
    return found && { role: found.role, app: found.app };
  };

  it('follow the app when it is renamed', async () => {
    await world.platform.apps.update('shop', { name: 'store' }, caller);
    expect(await who()).to.deep.equal({ role: 'deploy', app: 'store' });
    expect((await world.platform.tokens.list()).map(({ app }) => app)).to.deep.equal(['store']);
  });

  it('end with the app, even when another takes its name', async () => {
    await world.platform.apps.destroy('shop', 'shop', caller);
    expect(await who()).to.equal(undefined);
    await world.platform.apps.create({ name: 'shop' }, caller);
    expect(await who()).to.equal(undefined);
  });

  it('are not made for an app that does not exist', async () => {
    expect(await rejection(world.platform.tokens.create({ user: 'ci', deploy: 'nowhere' }))).to.equal('APP_NOT_FOUND');
  });
});
