import { expect } from 'chai';
import { CONTRACT, fresh, refusal, type Subject } from './subject.ts';

export function configContract(subject: () => Subject): void {
  const make = async (labels = {}, data = Buffer.from('data')): Promise<{ id: string; name: string }> => {
    const name = fresh('cfg');
    return { name, id: await subject().engine.createConfig({ name, labels: { ...CONTRACT, ...labels }, data }) };
  };

  describe('configs', () => {
    it('are found by name and id, with the very data they were made of', async () => {
      const data = Buffer.from([0, 255, 10, 13, 0, 128]);
      const { id, name } = await make({ a: '1' }, data);
      const byName = await subject().engine.config(name);
      expect(byName).to.deep.include({ id, name, labels: { ...CONTRACT, a: '1' } });
      expect(byName?.data.equals(data)).to.equal(true);
      expect((await subject().engine.config(id))?.name).to.equal(name);
    });

    it('are listed by labels and the beginning of their names', async () => {
      const { engine } = subject();
      const group = fresh('group');
      for (const name of ['one', 'other', 'none'])
        await engine.createConfig({
          name: `${group}-${name}`,
          labels: { ...CONTRACT, [group]: name[0]! },
          data: Buffer.from('x'),
        });
      const names = async (...args: Parameters<typeof engine.configs>) =>
        (await engine.configs(...args)).map(({ name }) => name.slice(group.length + 1)).sort();
      expect(await names({}, `${group}-o`)).to.deep.equal(['one', 'other']);
      expect(await names({ [group]: 'n' }, group)).to.deep.equal(['none']);
      expect(await names({ [group]: 'n' }, `${group}-o`)).to.deep.equal([]);
      for (const { id } of await engine.configs({}, group)) await engine.removeConfig(id);
    });

    it('are undefined when there is none of that name', async () => {
      expect(await subject().engine.config(fresh('none'))).to.equal(undefined);
    });

    for (const name of ['', '.', '../info', '../../info', '//info', 'x?y=1', 'a b', '%2e%2e/info']) {
      it(`are undefined when ${JSON.stringify(name)} is asked for, as is everything else`, async () => {
        const { engine } = subject();
        const found = await Promise.all([
          engine.config(name),
          engine.network(name),
          engine.service(name),
          engine.container(name),
          engine.image(name),
        ]);
        expect(found.every((object) => object === undefined)).to.equal(true);
        await engine.removeConfig(name);
      });
    }

    it('are not mistaken for another whose id begins with the name', async () => {
      const { id } = await make();
      const beginning = id.slice(0, 20);
      expect(await subject().engine.config(beginning)).to.equal(undefined);
      await subject().engine.removeConfig(beginning);
      expect(await subject().engine.config(id)).not.to.equal(undefined);
    });

    it('are listed by label and value, or by label alone', async () => {
      const key = fresh('key');
      const one = await make({ [key]: 'one' });
      const two = await make({ [key]: 'two' });
      const names = async (filter: Record<string, string>): Promise<string[]> =>
        (await subject().engine.configs(filter)).map((config) => config.name).sort();
      expect(await names({ [key]: 'one' })).to.deep.equal([one.name]);
      expect(await names({ [key]: '' })).to.deep.equal([one.name, two.name].sort());
      expect(await names({ [key]: 'three' })).to.deep.equal([]);
      expect(await names({ [key]: 'one', ...CONTRACT })).to.deep.equal([one.name]);
    });

    it('refuse a name that is taken', async () => {
      const { name } = await make();
      await refusal(subject().engine.createConfig({ name, labels: {}, data: Buffer.from('x') }), 'ENGINE_NAME_TAKEN');
    });

    it('refuse a name that is too long, no data and too much data', async () => {
      const { engine } = subject();
      await refusal(engine.createConfig({ name: 'n'.repeat(65), labels: {}, data: Buffer.from('x') }), 'ENGINE_FAILED');
      await refusal(engine.createConfig({ name: fresh('cfg'), labels: {}, data: Buffer.alloc(0) }), 'ENGINE_FAILED');
      await refusal(
        engine.createConfig({ name: fresh('cfg'), labels: {}, data: Buffer.alloc(1_024_000, 'x') }),
        'ENGINE_FAILED',
      );
    });

    it('take new labels with the version they have, and keep their data', async () => {
      const { engine } = subject();
      const { id } = await make({ old: '1' });
      const before = await engine.config(id);
      await engine.updateConfigLabels(id, before!.version, { new: '2' });
      const after = await engine.config(id);
      expect(after?.labels).to.deep.equal({ new: '2' });
      expect(after?.version).to.be.greaterThan(before!.version);
      expect(after?.data.toString()).to.equal('data');
    });

    it('refuse labels with an old version, and do not change', async () => {
      const { engine } = subject();
      const { id, name } = await make();
      const { version } = (await engine.config(id))!;
      await engine.updateConfigLabels(id, version, { winner: '1' });
      const error = await refusal(engine.updateConfigLabels(id, version, { loser: '1' }), 'CONFLICT');
      expect(error.message).to.contain(name);
      expect((await engine.config(id))?.labels).to.deep.equal({ winner: '1' });
    });

    it('let exactly one of many writers win', async () => {
      const { engine } = subject();
      const { id } = await make();
      const { version } = (await engine.config(id))!;
      const writers = Array.from({ length: 8 }, (_, i) =>
        engine.updateConfigLabels(id, version, { writer: String(i) }),
      );
      const outcomes = await Promise.allSettled(writers);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    });

    it('refuse labels for what is gone', async () => {
      const { engine } = subject();
      const { id } = await make();
      await engine.removeConfig(id);
      await refusal(engine.updateConfigLabels(id, 1, {}), 'ENGINE_FAILED');
    });

    it('are removed by name, twice without complaint', async () => {
      const { engine } = subject();
      const { name } = await make();
      await engine.removeConfig(name);
      await engine.removeConfig(name);
      expect(await engine.config(name)).to.equal(undefined);
    });
  });

  describe('secrets', () => {
    it('are listed by label, refuse a name that is taken, and go', async () => {
      const { engine } = subject();
      const name = fresh('secret');
      const labels = { ...CONTRACT, [name]: 'x' };
      const id = await engine.createSecret({ name, labels, data: Buffer.from('s') });
      expect(await engine.secrets({ [name]: 'x' })).to.deep.equal([{ id, name, labels }]);
      await refusal(engine.createSecret({ name, labels, data: Buffer.from('s') }), 'ENGINE_NAME_TAKEN');
      await engine.removeSecret(name);
      await engine.removeSecret(name);
      expect(await engine.secrets({ [name]: '' })).to.deep.equal([]);
    });
  });

  describe('events', () => {
    it('begin with the subscription, tell what happens after it and end with the signal', async () => {
      const { engine } = subject();
      const stop = new AbortController();
      const seen: string[] = [];
      let made: { id: string } | undefined;
      for await (const event of engine.events(stop.signal)) {
        seen.push(`${event.type} ${event.action}`);
        if (seen.length === 1) made = await make();
        if (event.type === 'config' && event.id === made?.id) stop.abort();
      }
      expect(seen[0]).to.equal('engine subscribed');
      expect(seen).to.include('config create');
    });
  });
}
