import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { limitsOn } from '../../src/builds/sandbox/node-limits.ts';

describe('the limits of a build on a node', () => {
  for (const [cpus, expected, pids] of [
    [1, 1, 256],
    [2, 2, 512],
    [16, 2, 1024],
  ] as const) {
    it(`are ${expected} of ${cpus} processors, and ${pids} processes`, () => {
      expect(limitsOn({ cpus, slices: false }, defaultBuildLimits)).to.deep.equal({
        ...defaultBuildLimits,
        cpus: expected,
        pids,
      });
    });
  }

  it('place it in the slice of builds where the engine has slices', () => {
    expect(limitsOn({ cpus: 2, slices: true }, defaultBuildLimits)).to.include({
      cgroup: 'system-mothership_builds.slice',
    });
  });

  it('are never above what the app may have', () => {
    expect(limitsOn({ cpus: 64, slices: false }, { ...defaultBuildLimits, cpus: 0.25 })).to.include({ cpus: 0.25 });
  });
});
