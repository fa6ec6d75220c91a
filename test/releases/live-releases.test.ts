import { expect } from 'chai';
import { LiveReleases } from '../../src/releases/live-releases.ts';
import type { AppRecord, ReleaseRecord, Store } from '../../src/store/index.ts';

const app = (name: string, createdAt: string, release: number | undefined): AppRecord => ({
  id: name,
  name,
  stack: 'debian-13',
  createdAt,
  maintenance: false,
  domains: [],
  buildpacks: [],
  formation: {},
  lastRelease: 9,
  ...(release === undefined ? {} : { live: { release, incarnation: 1 } }),
});

describe('live releases', () => {
  let reads: string[];
  let live: LiveReleases;

  beforeEach(() => {
    reads = [];
    const find: Store['releases']['find'] = async (id, version) => {
      reads.push(`${id} v${version}`);
      const record = { app: id, version, description: `read ${reads.length}` } as ReleaseRecord;
      return version > 8 ? undefined : { record, status: { status: 'succeeded' } };
    };
    live = new LiveReleases({ find } as Store['releases']);
  });

  it('are read once for many lists of apps', async () => {
    for (let round = 0; round < 3; round += 1)
      await Promise.all([live.of(app('a', 't1', 1)), live.of(app('b', 't1', 4))]);
    expect(reads).to.deep.equal(['a v1', 'b v4']);
  });

  it('are read anew when another release runs, also one that ran before', async () => {
    for (const version of [1, 2, 1]) expect(await live.of(app('a', 't1', version))).to.include({ version });
    expect(reads).to.deep.equal(['a v1', 'a v2', 'a v1']);
  });

  it('are not mixed up with those of an app that had the same id before', async () => {
    expect(await live.of(app('a', 't1', 1))).to.include({ description: 'read 1' });
    expect(await live.of(app('a', 't2', 1))).to.include({ description: 'read 2' });
  });

  it('are none for an app that runs nothing, and none where the release is gone', async () => {
    expect(await live.of(app('a', 't1', undefined))).to.equal(undefined);
    expect(await live.of(app('a', 't1', 9))).to.equal(undefined);
    expect(await live.of(app('a', 't1', 9))).to.equal(undefined);
    expect(reads).to.have.length(2);
  });
});
