import { expect } from 'chai';
import { counted } from '../../src/values/counted.ts';

describe('a number of things', () => {
  for (const [count, words] of [
    [0, '0 nodes'],
    [1, '1 node'],
    [2, '2 nodes'],
  ] as const)
    it(`is "${words}"`, () => expect(counted(count, 'nodes')).to.equal(words));
});
