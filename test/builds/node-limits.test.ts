import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { limitsOn } from '../../src/builds/sandbox/node-limits.ts';

describe('the limits of a build on a node', () => {
  for (const [cpus, expected] of [
    [1, 1],
    [2, 2],
    [16, 2],
  ] as const) {
    it(`are ${expected} of ${cpus} processors`, () => {
      expect(limitsOn({ cpus, slices: false }, defaultBuildLimits)).to.deep.equal({
        ...defaultBuildLimits,
        cpus: expected,
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
