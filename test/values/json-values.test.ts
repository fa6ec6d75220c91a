import { expect } from 'chai';
import { valuesIn } from '../../src/values/json-values.ts';

const counted = (value: unknown): number =>
  1 +
  (typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, each) => sum + counted(each), 0)
    : 0);

describe('the values in a JSON text', () => {
  for (const value of [1, 'a,b[{', '\\', '"', '\\",', [], {}, [1, 2], { a: [{}, 'x,"y'] }, { 'a,"\\': { b: null } }])
    it(`are at least as many as it has: ${JSON.stringify(value)}`, () => {
      expect(valuesIn(JSON.stringify(value))).to.be.within(counted(value), 2 * counted(value));
    });

  it('are not in its strings, and are counted in text that is no JSON', () => {
    expect(valuesIn(`"${',[{'.repeat(1000)}"`)).to.equal(1);
    expect(valuesIn('[[[[')).to.equal(5);
    expect(valuesIn('"\\')).to.equal(1);
  });
});
