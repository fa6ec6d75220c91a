import { fuzz } from './fuzz.ts';

describe('2,000 hostile inputs', function () {
  it('neither hold up the controller, nor fill its memory, nor end it', () => fuzz(1000, 3000));
});
