import { expect } from 'chai';
import { changeFormation, formationFor } from '../../src/apps/formation.ts';
import { formationFrom, parseAppJson, unmet } from '../../src/builds/buildpacks/app-json.ts';
import { monthlyPrice } from '../../src/provision/aws/prices.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

/** Found on every object, though nobody put them there. */
const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'];

describe('names that every object has', () => {
  it('are process types, sizes and formations like others, or none', () => {
    const usual = formationFor(['worker'], {})['worker'];
    for (const name of INHERITED) {
      expect(formationFor([name], {})[name], name).to.deep.equal(usual);
      expect(() => changeFormation(formationFor(['web'], {}), [{ type: name, quantity: 1 }]), name)
        .to.throw()
        .with.property('code', 'PROCESS_TYPE_UNKNOWN');
      const { formation = {}, ...rest } = parseAppJson(`{"formation": {"web": {"size": "${name}"}}}`);
      expect(formationFrom(formation)['web'], name).to.deep.equal(formationFor(['web'], {})['web']);
      expect(unmet({ ...rest, formation }, 'debian-13').join(), name).to.contain(name);
      expect(monthlyPrice('eu-central-1', `t3.${name}`, 8), name).to.equal(undefined);
      expect(monthlyPrice(name, 't3.large', 8), name).to.equal(undefined);
    }
  });

  describe('on a cluster', () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create();
    });
    afterEach(() => world.close());

    it('are no stacks and no apps', async () => {
      for (const stack of INHERITED)
        expect(await rejection(world.platform.apps.create({ name: 'shop', stack }, caller)), stack).to.equal(
          'STACK_UNKNOWN',
        );
    });

    it('are started as what the release says', async () => {
      await world.platform.apps.create({ name: 'shop' }, caller);
      expect(outcome((await world.deploy('shop', 'hello:1')).ending)).to.equal('done');
      for (const type of ['constructor', 'toString'])
        expect(
          await rejection(world.platform.formation.update('shop', { updates: [{ type, quantity: 1 }] }, caller)),
          type,
        ).to.equal('PROCESS_TYPE_UNKNOWN');
    });
  });
});
