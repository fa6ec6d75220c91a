import { inspect } from 'node:util';
import { expect } from 'chai';
import { reveal, Secret } from '../../src/events/index.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');
  const ways: [string, string][] = [
    ['a template', `${secret as unknown as string}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspection', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['its keys', Object.entries(secret).join()],
  ];
  for (const [way, text] of ways) {
    it(`does not show itself in ${way}`, () => expect(text).not.to.contain('hunter2'));
  }
  it('is revealed by name only', () => expect(reveal(secret)).to.equal('hunter2'));
});
