import type { ContainerSpec, Resources } from './engine.ts';
import { envJson, mountJson, nanoCpus } from './service-spec.ts';

/** The body of `POST /containers/create`. Engines before API 1.44 take one network here; the others are connected after. */
export function containerJson(spec: ContainerSpec): object {
  const [main] = spec.networks;
  return {
    Image: spec.image,
    Labels: spec.labels,
    Env: envJson(spec.env),
    ...(spec.entrypoint ? { Entrypoint: spec.entrypoint } : {}),
    ...(spec.command ? { Cmd: spec.command } : {}),
    ...(spec.user ? { User: spec.user } : {}),
    ...(spec.workingDir ? { WorkingDir: spec.workingDir } : {}),
    Tty: spec.tty ?? false,
    // StdinOnce makes the end of the attached input the end of the program's.
    ...(spec.openStdin ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
    HostConfig: {
      ...limitsJson(spec.limits ?? {}),
      Mounts: (spec.mounts ?? []).map(mountJson),
      Init: spec.init ?? false,
      ...(main ? { NetworkMode: main.id } : {}),
      ...(spec.capDrop ? { CapDrop: spec.capDrop } : {}),
      ...(spec.capAdd ? { CapAdd: spec.capAdd } : {}),
      ...(spec.noNewPrivileges ? { SecurityOpt: ['no-new-privileges'] } : {}),
      ...(spec.ulimits ? { Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) } : {}),
      ...(spec.oomScoreAdj === undefined ? {} : { OomScoreAdj: spec.oomScoreAdj }),
      ...(spec.cpuShares === undefined ? {} : { CpuShares: spec.cpuShares }),
    },
    ...(main?.aliases ? { NetworkingConfig: { EndpointsConfig: { [main.id]: { Aliases: main.aliases } } } } : {}),
  };
}

function limitsJson(limits: Resources): object {
  return {
    // The same figure for memory and swap together: none is swapped, the limit is what it says.
    ...(limits.memoryBytes ? { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes } : {}),
    ...(limits.cpus ? { NanoCpus: nanoCpus(limits.cpus) } : {}),
    ...(limits.pids ? { PidsLimit: limits.pids } : {}),
  };
}
