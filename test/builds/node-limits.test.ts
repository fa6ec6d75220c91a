import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { limitsOn } from '../../src/builds/sandbox/node-limits.ts';

describe('the limits of a build on a node', () => {
  for (const [cpus, expected] of [
    [1, { cpus: 0.5, pids: 512 }],
    [2, { cpus: 1, pids: 512, cpuset: '1' }],
    [3, { cpus: 2, pids: 768, cpuset: '1-2' }],
    [16, { cpus: 2, pids: 1024, cpuset: '1-15' }],
  ] as const) {
    it(`leave apps a part of ${cpus} processor${cpus > 1 ? 's' : ''}`, () => {
      expect(limitsOn({ cpus, labels: {} }, defaultBuildLimits)).to.deep.equal({ ...defaultBuildLimits, ...expected });
    });
  }

  it('place it beside the engine where the engine says so', () => {
    for (const cpus of [1, 2])
      expect(limitsOn({ cpus, labels: { 'mothership.builds-group': 'system.slice' } }, defaultBuildLimits)).to.include({
        cgroup: 'system.slice',
      });
  });

  it('are never above what the app may have', () => {
    expect(limitsOn({ cpus: 64, labels: {} }, { ...defaultBuildLimits, cpus: 0.25, pids: 64 })).to.deep.include({
      cpus: 0.25,
      pids: 64,
    });
    expect(limitsOn({ cpus: 1, labels: {} }, { ...defaultBuildLimits, cpus: 0.25, pids: 64 })).to.deep.include({
      cpus: 0.25,
      pids: 64,
    });
  });
});
