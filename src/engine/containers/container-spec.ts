import type { ContainerSpec, Resources, Ulimit } from './containers.ts';
import { envJson, healthcheckJson, mountJson, nanoCpus } from '../services/service-spec.ts';

/**
 * Returns the body of `POST /containers/create`; `undefined` fields are omitted from the JSON. Engines before API 1.44
 * accept one network here, so the others are connected later.
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
    Healthcheck: spec.healthcheck && healthcheckJson(spec.healthcheck),
    // StdinOnce closes the program's stdin when the attached input ends.
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
    SecurityOpt: securityOptions(spec),
    Ulimits: spec.ulimits && ulimitsJson(spec.ulimits),
    OomScoreAdj: spec.oomScoreAdj,
    CpuShares: spec.cpuShares,
    CgroupParent: spec.cgroupParent,
    LogConfig: logConfigJson(spec),
  };
}

function securityOptions({ noNewPrivileges, profiles }: ContainerSpec): string[] {
  return [
    ...(noNewPrivileges ? ['no-new-privileges'] : []),
    ...(profiles ? [`seccomp=${profiles.seccomp}`, `apparmor=${profiles.apparmor}`] : []),
  ];
}

function logConfigJson({ unlogged, logOptions }: ContainerSpec): object | undefined {
  if (unlogged) return { Type: 'none' };
  return logOptions && { Type: 'json-file', Config: logOptions };
}

export function ulimitsJson(ulimits: readonly Ulimit[]): object {
  return ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
}

export function limitsJson(limits: Resources): object {
  return {
    // Equal limits for memory and memory plus swap disable swap.
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    NanoCpus: limits.cpus && nanoCpus(limits.cpus),
    PidsLimit: limits.pids,
  };
}
