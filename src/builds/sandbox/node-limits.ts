import type { EngineInfo } from '../../engine/index.ts';
import { allButFirst, BUILDS_GROUP_LABEL } from '../../nodes/index.ts';
import type { BuildLimits } from '../build.ts';

/** Weight for processor time: an app beside it has sixteen times as much; what nobody wants is the build's. */
export const BUILD_CPU_SHARES = 64;

const PIDS_PER_CPU = 256;

/**
 * The limits of a build on the node of an engine. The first is never a build's, so that apps need not wait for one: a
 * weight decides who comes first, but not how soon whoever runs makes room. Of a single one a build has half. As many
 * processes as a fork bomb may start take longer to end the fewer processors there are.
 */
export function limitsOn({ cpus, labels }: Pick<EngineInfo, 'cpus' | 'labels'>, limits: BuildLimits): BuildLimits {
  const cgroup = labels[BUILDS_GROUP_LABEL];
  const all = {
    ...limits,
    ...(cgroup ? { cgroup } : {}),
    pids: Math.min(limits.pids, PIDS_PER_CPU * Math.max(cpus, 2)),
  };
  const cpuset = allButFirst(cpus);
  if (cpuset === undefined) return { ...all, cpus: Math.min(limits.cpus, cpus / 2) };
  return { ...all, cpus: Math.min(limits.cpus, cpus - 1), cpuset };
}
