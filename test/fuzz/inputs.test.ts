import { fuzz } from './fuzz.ts';

describe('200 hostile inputs', function () {
  this.timeout(300_000);

  it('neither hold up the controller, nor fill its memory, nor end it', () => fuzz(0, 200));
});
