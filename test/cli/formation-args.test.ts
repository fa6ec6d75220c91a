import { expect } from 'chai';
import { parseScale, parseType } from '../../src/cli/parse/formation-args.ts';

describe('formation arguments', () => {
  for (const [text, update] of [
    ['web=3', { type: 'web', quantity: 3 }],
    ['web=0', { type: 'web', quantity: 0 }],
    ['worker+1', { type: 'worker', delta: 1 }],
    ['worker-2', { type: 'worker', delta: -2 }],
    ['my-worker-2', { type: 'my-worker', delta: -2 }],
    ['web=2:512M/0.5', { type: 'web', quantity: 2, size: { memory: 2 ** 29, cpus: 0.5 } }],
  ] as const)
    it(`scales ${text}`, () => expect(parseScale(text)).to.deep.equal(update));

  for (const text of ['web', 'web=', 'web=x', '=3', 'web=-1', 'web=1.5', '', 'web= 3', 'we b=3']) {
    it(`refuses to scale "${text}"`, () =>
      expect(() => parseScale(text))
        .to.throw()
        .with.property('code', 'QUANTITY_INVALID'));
  }
  it('sizes', () => {
    expect(parseType('web=512M/0.5')).to.deep.equal({ type: 'web', size: { memory: 2 ** 29, cpus: 0.5 } });
    expect(parseType('web=/2')).to.deep.equal({ type: 'web', size: { cpus: 2 } });
    for (const text of ['web', 'web=', 'web=big', '512M', 'web=1G/']) {
      if (text === 'web=1G/') expect(parseType(text)).to.deep.equal({ type: 'web', size: { memory: 2 ** 30 } });
      else
        expect(() => parseType(text), text)
          .to.throw()
          .with.property('code', 'SIZE_INVALID');
    }
  });
});
