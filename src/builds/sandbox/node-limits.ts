import type { EngineInfo } from '#engine';
import { BUILDS_SLICE } from '#nodes';
import type { BuildLimits } from '../build.ts';

/** CPU weight of a build's container: the kernel's lowest. Docker's default for other containers is 1024. */
export const BUILD_CPU_SHARES = 2;

const PIDS_PER_CPU = 256;

/**
 * The limits of a build on the node of an engine: no more processors than it has, 256 processes for each of the node's,
 * in the slice of builds where it has slices.
 */
export function limitsOn({ cpus, slices }: Pick<EngineInfo, 'cpus' | 'slices'>, limits: BuildLimits): BuildLimits {
  return {
    ...limits,
    cpus: Math.min(limits.cpus, cpus),
    pids: Math.min(limits.pids, PIDS_PER_CPU * cpus),
    ...(slices ? { cgroup: BUILDS_SLICE } : {}),
  };
}
