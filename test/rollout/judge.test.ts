import { expect } from 'chai';
import type { TaskInfo } from '../../src/engine/index.ts';
import { judge } from '../../src/rollout/judge.ts';

const now = Date.parse('2026-01-01T00:00:10Z');

function task(changes: Partial<TaskInfo>): TaskInfo {
  return {
    id: 't1',
    serviceId: 's',
    slot: 1,
    nodeId: 'n',
    state: 'running',
    desired: 'running',
    message: '',
    error: '',
    exitCode: undefined,
    image: 'sha256:new',
    containerId: 'c',
    labels: {},
    addresses: {},
    createdAt: '2026-01-01T00:00:00Z',
    since: '2026-01-01T00:00:05Z',
    ...changes,
  };
}

const web = { type: 'web', quantity: 1, image: 'sha256:new', port: 8080 };
const worker = { ...web, type: 'worker' };
const everyone = (): boolean => true;
const nobody = (): boolean => false;

describe('judging a process type of a new release', () => {
  it('has a web process ready once it listens', () => {
    expect(judge(web, [task({})], everyone, now).kind).to.equal('ready');
    expect(judge(web, [task({})], nobody, now)).to.include({
      kind: 'waiting',
      why: 'is running, but nothing is listening on port 8080',
    });
  });
  it('never takes a task of another image for the new release', () => {
    expect(judge(web, [task({ image: 'sha256:old' })], everyone, now).kind).to.equal('waiting');
  });
  it('wants all of them', () => {
    expect(judge({ ...web, quantity: 2 }, [task({})], everyone, now).kind).to.equal('waiting');
    expect(judge({ ...web, quantity: 2 }, [task({}), task({ id: 't2', slot: 2 })], everyone, now).kind).to.equal(
      'ready',
    );
  });
  it('wants a worker to live for two seconds', () => {
    expect(judge(worker, [task({ since: '2026-01-01T00:00:09Z' })], everyone, now).kind).to.equal('waiting');
    expect(judge(worker, [task({ since: '2026-01-01T00:00:08Z' })], everyone, now).kind).to.equal('ready');
  });
  it('is content with none when none is wanted', () => {
    expect(judge({ ...web, quantity: 0 }, [], nobody, now).kind).to.equal('ready');
  });
  const endings: [Partial<TaskInfo>, RegExp][] = [
    [{ state: 'failed', desired: 'shutdown', exitCode: 1 }, /exited with code 1/],
    [{ state: 'complete', desired: 'shutdown', exitCode: 0 }, /exited with code 0/],
    [{ state: 'failed', desired: 'shutdown', exitCode: 137 }, /killed/],
    [{ state: 'rejected', desired: 'shutdown', error: 'No such image: x' }, /rejected: No such image/],
  ];
  for (const [changes, why] of endings) {
    it(`fails at the first task that ${why.source}`, () => {
      const verdict = judge(web, [task(changes), task({ id: 't2' })], everyone, now);
      expect(verdict.kind).to.equal('failed');
      expect(verdict).to.have.property('why').that.matches(why);
    });
  }
  it('tells a task that no node can take', () => {
    const verdict = judge(
      web,
      [task({ state: 'pending', error: 'no suitable node (insufficient resources on 1 node)' })],
      nobody,
      now,
    );
    expect(verdict).to.include({ kind: 'waiting', unplaced: true, fetches: false });
  });

  it('tells a task whose node fetches its image from one that runs', () => {
    expect(judge(web, [task({ state: 'preparing' })], nobody, now)).to.include({ kind: 'waiting', fetches: true });
    expect(judge(web, [task({})], nobody, now)).to.include({ kind: 'waiting', fetches: false });
  });
});
