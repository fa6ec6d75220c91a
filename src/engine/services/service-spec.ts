import { reveal, type Env } from '#events';
import type { Mount, Resources } from '../containers/containers.ts';
import type { Healthcheck, ServiceSpec } from './services.ts';

const NS_PER_MS = 1_000_000;

/** Returns the body of `POST /services/create`. Privileges.NoNewPrivileges is only sent to engines that support it. */
export function serviceJson(spec: ServiceSpec, engine: { readonly knowsNoNewPrivileges: boolean }): object {
  return {
    Name: spec.name,
    Labels: spec.labels,
    TaskTemplate: {
      ContainerSpec: containerSpecJson(spec, engine),
      Resources: {
        Limits: spec.limits && limitsJson(spec.limits),
        // Swarm only reserves memory and cores.
        Reservations: spec.reservations && limitsJson({ ...spec.reservations, pids: 0 }),
      },
      RestartPolicy: { Condition: spec.restart.condition, Delay: spec.restart.delayMs * NS_PER_MS },
      Placement: {
        Constraints: spec.constraints ?? [],
        Preferences: (spec.spreadOver ?? []).map((label) => ({ Spread: { SpreadDescriptor: label } })),
      },
      Networks: spec.networks.map((network) => ({ Target: network.id, Aliases: network.aliases ?? [] })),
      LogDriver: spec.logOptions && { Name: 'json-file', Options: spec.logOptions },
    },
    Mode: spec.replicas === 'global' ? { Global: {} } : { Replicated: { Replicas: spec.replicas } },
    UpdateConfig: { Parallelism: 1, FailureAction: 'pause', Order: spec.updateOrder ?? 'stop-first' },
    EndpointSpec: {
      Mode: spec.endpointMode,
      Ports: (spec.ports ?? []).map((port) => ({
        Protocol: 'tcp',
        TargetPort: port.target,
        PublishedPort: port.published,
        PublishMode: port.mode,
      })),
    },
  };
}

/** `undefined` fields are omitted from the JSON. */
function containerSpecJson(spec: ServiceSpec, engine: { readonly knowsNoNewPrivileges: boolean }): object {
  return {
    Image: spec.image,
    Labels: spec.containerLabels ?? {},
    Env: envJson(spec.env),
    Init: spec.init ?? false,
    Command: spec.entrypoint,
    Args: spec.args,
    User: spec.user,
    Dir: spec.workingDir,
    Hostname: spec.hostname,
    Sysctls: spec.sysctls,
    ReadOnly: spec.readOnly,
    CapabilityDrop: spec.capDrop,
    CapabilityAdd: spec.capAdd,
    Privileges: spec.noNewPrivileges && engine.knowsNoNewPrivileges ? { NoNewPrivileges: true } : undefined,
    Healthcheck: spec.healthcheck && healthcheckJson(spec.healthcheck),
    StopGracePeriod: spec.stopGraceMs === undefined ? undefined : spec.stopGraceMs * NS_PER_MS,
    Mounts: (spec.mounts ?? []).map(mountJson),
    Configs: (spec.configs ?? []).map((file) => ({ ConfigID: file.id, ConfigName: file.name, File: fileJson(file) })),
    Secrets: (spec.secrets ?? []).map((file) => ({ SecretID: file.id, SecretName: file.name, File: fileJson(file) })),
  };
}

export function healthcheckJson(check: Healthcheck | 'none'): object {
  if (check === 'none') return { Test: ['NONE'] };
  return {
    Test: ['CMD', ...check.command],
    Interval: check.intervalMs * NS_PER_MS,
    Timeout: check.timeoutMs * NS_PER_MS,
    StartInterval: check.startIntervalMs * NS_PER_MS,
    StartPeriod: check.startPeriodMs * NS_PER_MS,
    Retries: check.retries,
  };
}

function fileJson(file: { readonly path: string; readonly mode?: number }): object {
  return { Name: file.path, UID: '0', GID: '0', Mode: file.mode ?? 0o444 };
}

function limitsJson(limits: Resources): object {
  return {
    MemoryBytes: limits.memoryBytes,
    NanoCPUs: limits.cpus && nanoCpus(limits.cpus),
    Pids: limits.pids || undefined,
  };
}

export function nanoCpus(cpus: number): number {
  return Math.round(cpus * 1e9);
}

export function mountJson(mount: Mount): object {
  return {
    Type: mount.type,
    Target: mount.target,
    Source: mount.source || undefined,
    ReadOnly: mount.readOnly,
    TmpfsOptions: mount.type === 'tmpfs' && mount.sizeBytes ? { SizeBytes: mount.sizeBytes } : undefined,
  };
}

/** The only place where config vars are revealed. */
export function envJson(env: Env): string[] {
  return Object.entries(env).map(([key, value]) => `${key}=${reveal(value)}`);
}
