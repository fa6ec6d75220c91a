import { expect } from 'chai';
import { processNotices } from '../../src/releases/process-notices.ts';

type Types = Parameters<typeof processNotices>[0]['release'];

const size = { memoryBytes: 512 * 1024 ** 2, cpus: 1 };
const url = 'http://shop.my.paas';

function types(version: number, processTypes: Record<string, string | null>): Types {
  return { version, image: `sha256:${version}`, build: `b${version}`, processTypes };
}

function said(before: Types | undefined, release: Types, quantities: Record<string, number> = {}): string[] {
  const formation = Object.fromEntries(
    Object.entries(quantities).map(([type, quantity]) => [type, { quantity, ...size }]),
  );
  return processNotices({ before, release, formation, url }).map((event) =>
    event.type === 'notice' ? `${event.level}: ${event.message}` : event.type,
  );
}

describe('what a release says of its processes before anything stops', () => {
  const both = types(1, { web: 'a', worker: 'b', release: 'c' });

  it('is what will run', () => {
    expect(said(undefined, both)).to.deep.equal(['info: Processes of v1: web=1, worker=0']);
    expect(said(both, types(2, { web: 'a', worker: 'b' }), { web: 3, worker: 2 })).to.deep.equal([
      'info: Processes of v2: web=3, worker=2',
    ]);
  });

  it('is nothing when only config vars change, or there is no image yet', () => {
    expect(said(both, { ...both, version: 2 })).to.deep.equal([]);
    expect(said(undefined, { ...both, image: null })).to.deep.equal([]);
  });

  it('is that web goes, and what its URL shows then', () => {
    expect(said(types(12, { web: 'a' }), types(13, { worker: 'b' }), { web: 1 })).to.deep.equal([
      'info: Processes of v13: worker=0',
      `warning: v13 has no process type "web": its process will stop, and ${url} will show an error page`,
      'warning: No process will run. Start one with `mothership ps:scale worker=1`',
    ]);
  });

  it('is which other running types go', () => {
    expect(said(both, types(2, { web: 'a' }), { web: 1, worker: 2 })).to.deep.equal([
      'info: Processes of v2: web=1',
      'warning: v2 has no process type "worker": its 2 processes will stop',
    ]);
    expect(said(both, types(2, { web: 'a' }), { web: 1, worker: 0 })).to.deep.equal(['info: Processes of v2: web=1']);
  });

  it('is that Web is not web', () => {
    expect(said(undefined, types(1, { Web: 'a' }))).to.deep.equal([
      'info: Processes of v1: Web=0',
      'warning: The process type "Web" gets no web requests: only "web" in lower case does',
      'warning: No process will run. Start one with `mothership ps:scale Web=1`',
    ]);
  });

  it('is no warning about what was stopped before', () => {
    expect(said(types(1, { web: 'a' }), types(2, { web: 'b' }), { web: 0 })).to.deep.equal([
      'info: Processes of v2: web=0',
    ]);
  });
});
