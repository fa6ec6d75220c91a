import type { EngineInfo } from '#engine';
import { BUILDS_SLICE } from '#nodes';
import type { BuildLimits } from '../build.ts';

/** CPU weight of a build's container; Docker's default for other containers is 1024. */
export const BUILD_CPU_SHARES = 64;

/**
 * The limits of a build on the node of an engine: no more processors than it has, in the slice of builds where it has
 * slices.
 */
export function limitsOn({ cpus, slices }: Pick<EngineInfo, 'cpus' | 'slices'>, limits: BuildLimits): BuildLimits {
  return { ...limits, cpus: Math.min(limits.cpus, cpus), ...(slices ? { cgroup: BUILDS_SLICE } : {}) };
}
