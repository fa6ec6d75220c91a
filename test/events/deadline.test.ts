import { expect } from 'chai';
import { Deadline } from '../../src/events/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

describe('a deadline that moves', () => {
  it('is over after its time, later if there is progress, and at the last one whatever happens', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline(clock, { within: 100, atMost: 250 });
    await clock.advance(99);
    expect(deadline.isOver).to.equal(false);
    deadline.extend();
    await clock.advance(99);
    expect(deadline.isOver).to.equal(false);
    deadline.extend();
    await clock.advance(51);
    expect(deadline.isOver).to.equal(false);
    deadline.extend();
    await clock.advance(1);
    expect(deadline.isOver).to.equal(true);
  });
});
