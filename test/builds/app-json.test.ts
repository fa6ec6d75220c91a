import { expect } from 'chai';
import type { NumberedEvent } from '../../src/events/index.ts';
import { archiveOf } from './archive-of.ts';
import { caller, outcome, World } from '../platform/world.ts';

const manifest = {
  env: { GREETING: 'hello', SECRET_KEY: { generator: 'secret' }, OWN: { value: 'theirs' } },
  formation: { web: { quantity: 2 }, worker: { quantity: 1, size: 'standard-2x' }, release: { quantity: 1 } },
  scripts: { postdeploy: 'seed' },
  addons: ['heroku-postgresql'],
};

describe('the app.json of a new app', () => {
  let world: World;
  let seeded: string[];
  beforeEach(async () => {
    world = await World.create();
    for (const image of ['run', 'build']) world.engine.imageStore.add(image);
    await world.platform.apps.create({ name: 'shop' }, caller);
    seeded = [];
    world.engine.program(
      (spec) => spec.command?.includes('seed') ?? spec.entrypoint?.includes('seed') ?? false,
      ({ spec, out }) => {
        seeded.push(String(spec.env['GREETING']));
        out('sown');
        return seeded.length > 1 ? 5 : 0;
      },
    );
  });
  afterEach(() => world.close());

  const deploy = async (json: object): Promise<{ events: NumberedEvent[]; ending: NumberedEvent }> => {
    const archive = archiveOf({
      Dockerfile: 'FROM scratch\n',
      Procfile: 'web: a\nworker: b\n',
      'app.json': JSON.stringify(json),
    });
    return world.follow(await world.platform.builds.create('shop', { archive, options: {} }, caller));
  };
  const formation = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await world.platform.formation.get('shop')).map(({ type, quantity, size }) => [
        type,
        { quantity, memory: size.memory },
      ]),
    );

  it('gives it config vars and its formation, and runs postdeploy once when its first release serves', async () => {
    await world.follow(await world.platform.config.update('shop', { set: { OWN: 'mine' } }, caller));
    const { events, ending } = await deploy(manifest);
    expect(outcome(ending)).to.equal('done');
    const config = await world.platform.config.get('shop');
    expect(config).to.include({ GREETING: 'hello', OWN: 'mine' });
    expect(config['SECRET_KEY']).to.match(/^[0-9a-f]{64}$/);
    expect(await formation()).to.deep.equal({
      web: { quantity: 2, memory: 512 * 1024 ** 2 },
      worker: { quantity: 1, memory: 1024 ** 3 },
    });
    const phases = events.flatMap((event) => (event.type === 'phase' && event.state === 'done' ? [event.phase] : []));
    expect(phases.indexOf('postdeploy')).to.be.greaterThan(phases.indexOf('routed'));
    expect(
      events.flatMap((event) => (event.type === 'output' && event.source === 'postdeploy' ? [event.line] : [])),
    ).to.deep.equal(['sown']);
    expect(events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])).join()).to.contain(
      'heroku-postgresql',
    );

    await deploy({ ...manifest, env: { GREETING: 'changed', MORE: 'more' }, formation: { web: { quantity: 5 } } });
    expect(await world.platform.config.get('shop')).to.deep.equal(config);
    expect((await formation())['web']).to.deep.include({ quantity: 2 });
    expect(seeded).to.have.length(1);
  });

  it('counts again when the first deploy failed, and not when only its postdeploy did', async () => {
    world.engine.script('shop_web_v1', { state: 'failed', exitCode: 1 });
    expect(outcome((await deploy(manifest)).ending)).to.equal('ROLLOUT_TASK_FAILED');
    expect(await world.platform.config.get('shop')).to.deep.equal({});
    seeded.push('so that it fails');
    expect(outcome((await deploy({ ...manifest, formation: {} })).ending)).to.equal('POSTDEPLOY_FAILED');
    expect(await world.platform.apps.info('shop')).to.have.nested.property('release.version', 2);
    expect(outcome((await deploy(manifest)).ending)).to.equal('done');
    expect(seeded).to.have.length(2);
  });

  it('is not begun with while a config var that it requires is missing', async () => {
    const { ending } = await deploy({ env: { API_KEY: { description: 'of the bank' } } });
    expect(ending).to.deep.include({ type: 'failed' }).and.have.nested.property('error.message').contain('API_KEY');
    await world.follow(await world.platform.config.update('shop', { set: { API_KEY: 'k' } }, caller));
    expect(outcome((await deploy({ env: { API_KEY: {} } })).ending)).to.equal('done');
  });
});
