import { expect } from 'chai';
import { Isolation, type IsolationState } from '../../src/agent/isolation.ts';
import { isolationRules } from '../../src/agent/isolation-rules.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** A kernel that shows the last script it was given. */
class Kernel {
  scripts: string[] = [];
  shown = '';
  broken = '';

  readonly nft = (argv: readonly string[], stdin = ''): Promise<string> => {
    if (this.broken) return Promise.reject(new Error(this.broken));
    if (argv[0] === 'list') return this.shown ? Promise.resolve(this.shown) : Promise.reject(new Error('No such file'));
    this.scripts.push(stdin);
    this.shown = `as shown:\n${stdin}`;
    return Promise.resolve('');
  };
}

describe('the isolation of web processes on a node', () => {
  let kernel: Kernel;
  let hubs: () => Promise<readonly string[]>;
  let states: IsolationState[];
  let isolation: Isolation;

  beforeEach(() => {
    kernel = new Kernel();
    hubs = () => Promise.resolve(['10.64.0.9', '10.64.0.3']);
    states = [];
    isolation = new Isolation({
      clock: new FakeClock(),
      namespace: kernel,
      hubs: () => hubs(),
      changed: (state) => void states.push(state),
    });
  });

  it('is written once, and again when hubs move or somebody changes the rules', async () => {
    await isolation.once();
    await isolation.once();
    expect(kernel.scripts).to.deep.equal([isolationRules(['10.64.0.3', '10.64.0.9'])]);
    hubs = () => Promise.resolve(['10.64.0.4']);
    await isolation.once();
    expect(kernel.scripts.at(-1)).to.contain('elements = { 10.64.0.4 }');
    kernel.shown = '';
    await isolation.once();
    kernel.shown += 'and a rule of somebody else';
    await isolation.once();
    expect(kernel.scripts).to.have.length(4);
  });

  it('keeps the hubs that it knows while the engine does not answer', async () => {
    await isolation.once();
    hubs = () => Promise.reject(new Error('silent'));
    kernel.shown = '';
    await isolation.once();
    expect(kernel.scripts.at(-1)).to.equal(kernel.scripts[0]);
  });

  it('says what is missing, and when it is there', async () => {
    const life = new AbortController();
    const clock = new FakeClock();
    kernel.broken = 'Error: Could not process rule: Operation not supported';
    const kept = new Isolation({ clock, namespace: kernel, hubs, changed: (state) => void states.push(state) });
    const loop = kept.keep(life.signal);
    await clock.advance(1);
    expect(kept.state).to.deep.equal({ enforced: false, why: kernel.broken });
    kernel.broken = '';
    await clock.advance(500);
    expect(kept.state).to.deep.equal({ enforced: true, why: '' });
    await clock.advance(2_000);
    expect(states.map(({ enforced }) => enforced)).to.deep.equal([false, true]);
    life.abort();
    await loop;
  });
});

describe('the rules of the proxy network', () => {
  it('are a table that replaces its predecessor at once and drops what it does not know', () => {
    const rules = isolationRules([]);
    expect(rules.split('\n').slice(0, 2)).to.deep.equal(['table bridge mothership', 'delete table bridge mothership']);
    expect(rules.match(/policy drop/g)).to.have.length(2);
    expect(rules).to.contain('set hubs { type ipv4_addr; }').and.not.contain('reject');
  });
});
