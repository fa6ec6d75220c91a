import type { ContainerSpec, Resources, Ulimit } from '../engine.ts';
import { envJson, mountJson, nanoCpus } from '../services/service-spec.ts';

/**
 * The body of `POST /containers/create`; what is `undefined` here is left out of the JSON.
 * Engines before API 1.44 take one network here, so the others are connected after.
 */
export function containerJson(spec: ContainerSpec): object {
  const [main] = spec.networks;
  return {
    Image: spec.image,
    Labels: spec.labels,
    Env: envJson(spec.env),
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    User: spec.user,
    WorkingDir: spec.workingDir,
    Tty: spec.tty ?? false,
    // StdinOnce makes the end of the attached input the end of the program's.
    ...(spec.openStdin ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
    HostConfig: hostConfigJson(spec),
    NetworkingConfig: main?.aliases && { EndpointsConfig: { [main.id]: { Aliases: main.aliases } } },
  };
}

function hostConfigJson(spec: ContainerSpec): object {
  return {
    ...limitsJson(spec.limits ?? {}),
    Mounts: (spec.mounts ?? []).map(mountJson),
    Init: spec.init ?? false,
    NetworkMode: spec.networks[0]?.id,
    CapDrop: spec.capDrop,
    CapAdd: spec.capAdd,
    SecurityOpt: spec.noNewPrivileges ? ['no-new-privileges'] : undefined,
    Ulimits: spec.ulimits && ulimitsJson(spec.ulimits),
    OomScoreAdj: spec.oomScoreAdj,
    CpuShares: spec.cpuShares,
    CgroupParent: spec.cgroupParent,
    LogConfig: spec.unlogged ? { Type: 'none' } : undefined,
  };
}

export function ulimitsJson(ulimits: readonly Ulimit[]): object {
  return ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
}

export function limitsJson(limits: Resources): object {
  return {
    // The same figure for memory and swap together: none is swapped, the limit is what it says.
    ...(limits.memoryBytes ? { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes } : {}),
    ...(limits.cpus ? { NanoCpus: nanoCpus(limits.cpus) } : {}),
    ...(limits.pids ? { PidsLimit: limits.pids } : {}),
  };
}
