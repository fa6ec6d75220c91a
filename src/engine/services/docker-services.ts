import { setTimeout as sleep } from 'node:timers/promises';
import { fail, isMothershipError } from '#errors';
import { at, type Connection } from '../connection/connection.ts';
import { filters, type Labels } from '../connection/labels.ts';
import { exactId, exactly } from '../connection/names.ts';
import type { Resources } from '../containers/containers.ts';
import { logLines } from '../containers/logs.ts';
import type { RegistryAuth } from '../images/images.ts';
import { listTasks } from './docker-tasks.ts';
import { serviceJson } from './service-spec.ts';
import type { ServiceInfo, Services } from './services.ts';

interface ResourcesJson {
  readonly MemoryBytes?: number;
  readonly NanoCPUs?: number;
  readonly Pids?: number;
}

interface ServiceJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Labels | null;
    readonly Mode: { readonly Replicated?: { readonly Replicas?: number } };
    readonly TaskTemplate: {
      readonly ContainerSpec?: {
        readonly Image: string;
        readonly Mounts?: readonly { readonly Type: string; readonly Source?: string }[] | null;
        readonly Secrets?: readonly SecretJson[] | null;
      };
      readonly Resources?: { readonly Limits?: ResourcesJson; readonly Reservations?: ResourcesJson };
      readonly Placement?: { readonly Constraints?: readonly string[] | null };
    };
  };
}

interface SecretJson {
  readonly SecretID: string;
  readonly SecretName: string;
  readonly File: { readonly Name: string };
}

const ATTEMPTS = 10;
/** Time for tasks to be removed. */
const LEAVING_MS = 5_000;
const LOOK_MS = 100;

export class DockerServices implements Services {
  readonly #engine: Connection;
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(engine: Connection, pause: (ms: number) => Promise<unknown> = sleep) {
    this.#engine = engine;
    this.#pause = pause;
  }

  services: Services['services'] = async (filter) => {
    const all = await this.#engine.list<ServiceJson>({
      path: '/services',
      query: filters(filter),
      action: 'list services',
    });
    return all.map(serviceInfo);
  };

  service: Services['service'] = async (nameOrId) => {
    const found = await this.#find(nameOrId);
    return exactly(nameOrId, found && serviceInfo(found));
  };

  /**
   * Never asks a registry for the image's digest: only the docker CLI (`--resolve-image`) and API versions before 1.30
   * do.
   */
  createService: Services['createService'] = async (spec) => {
    const { ID } = await this.#engine.call<{ ID: string }>({
      method: 'POST',
      path: '/services/create',
      body: serviceJson(spec, await this.#features()),
      auth: spec.registryAuth,
      action: `create service ${spec.name}`,
      what: `service ${spec.name}`,
      names: true,
    });
    return ID;
  };

  updateService: Services['updateService'] = async (id, version, spec) => {
    await this.#update(id, version, serviceJson(spec, await this.#features()), spec.name, spec.registryAuth);
  };

  scaleService: Services['scaleService'] = async (nameOrId, replicas, labels) => {
    await this.#change(nameOrId, 'scale', (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: replicas } },
      ...(labels ? { Labels: labels } : {}),
    }));
  };

  replaceServiceSecrets: Services['replaceServiceSecrets'] = async (nameOrId, secrets) => {
    await this.#change(nameOrId, 'change', ({ TaskTemplate: template, ...spec }) => {
      const held = template.ContainerSpec?.Secrets ?? [];
      const changed = held.map((secret) => {
        const other = secrets[secret.File.Name];
        return other ? { ...secret, SecretID: other.id, SecretName: other.name } : secret;
      });
      return { ...spec, TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, Secrets: changed } } };
    });
  };

  constrainService: Services['constrainService'] = async (nameOrId, constraints) => {
    await this.#change(nameOrId, 'constrain', ({ TaskTemplate: template, ...spec }) => ({
      ...spec,
      TaskTemplate: { ...template, Placement: { ...template.Placement, Constraints: constraints } },
    }));
  };

  /** The scheduler also writes to services, so a stale version is retried. */
  async #change(nameOrId: string, verb: string, change: (spec: ServiceJson['Spec']) => object): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const service = await this.#find(nameOrId);
      if (!service)
        throw fail('ENGINE_FAILED', { action: `${verb} service ${nameOrId}`, why: 'there is no such service' });
      try {
        return await this.#update(service.ID, service.Version.Index, change(service.Spec), service.Spec.Name);
      } catch (error) {
        if (!isMothershipError(error, 'CONFLICT') || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Waits up to five seconds while its tasks are being removed: a manager (engine 26.1) that finds one of them gone
   * meanwhile panics in its orchestrator's SetServiceTasksRemove.
   */
  removeService: Services['removeService'] = async (nameOrId) => {
    const id = await exactId(nameOrId, this.service);
    if (!id) return;
    for (let waited = 0; waited < LEAVING_MS && (await this.#loses(id)); waited += LOOK_MS) await this.#pause(LOOK_MS);
    await this.#engine.find({ method: 'DELETE', path: at`/services/${id}`, action: `remove service ${nameOrId}` });
  };

  async #loses(id: string): Promise<boolean> {
    return (await listTasks(this.#engine, { service: id })).some(({ desired }) => desired === 'remove');
  }

  tasks: Services['tasks'] = async ({ service, ...filter }) => {
    if (service === undefined) return listTasks(this.#engine, filter);
    const id = await exactId(service, this.service);
    return id ? listTasks(this.#engine, { ...filter, service: id }) : [];
  };

  taskLogs: Services['taskLogs'] = (taskId, options) =>
    logLines(this.#engine, at`/tasks/${taskId}/logs`, { ...options, tty: false, whose: `task ${taskId}` });

  async #update(id: string, version: number, spec: object, name: string, auth?: RegistryAuth): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: at`/services/${id}/update`,
      query: { version },
      body: spec,
      auth,
      action: `update service ${name}`,
      what: `service ${name}`,
    });
  }

  #find(nameOrId: string): Promise<ServiceJson | undefined> {
    return this.#engine.find<ServiceJson>({ path: at`/services/${nameOrId}`, action: `read service ${nameOrId}` });
  }

  async #features(): Promise<{ knowsNoNewPrivileges: boolean }> {
    // Since engine 25.0; verified on 26.1 (API 1.45).
    const [major = 0, minor = 0] = (await this.#engine.apiVersion()).split('.').map(Number);
    return { knowsNoNewPrivileges: major > 1 || minor >= 44 };
  }
}

function serviceInfo(json: ServiceJson): ServiceInfo {
  const template = json.Spec.TaskTemplate;
  return {
    id: json.ID,
    name: json.Spec.Name,
    version: json.Version.Index,
    labels: json.Spec.Labels ?? {},
    image: template.ContainerSpec?.Image ?? '',
    replicas: json.Spec.Mode.Replicated ? (json.Spec.Mode.Replicated.Replicas ?? 0) : 'global',
    constraints: template.Placement?.Constraints ?? [],
    reservations: resources(template.Resources?.Reservations),
    limits: resources(template.Resources?.Limits),
    volumes: (template.ContainerSpec?.Mounts ?? []).flatMap((mount) =>
      mount.Type === 'volume' && mount.Source ? [mount.Source] : [],
    ),
    createdAt: json.CreatedAt,
  };
}

function resources(json: ResourcesJson = {}): Resources {
  return {
    ...(json.MemoryBytes ? { memoryBytes: json.MemoryBytes } : {}),
    ...(json.NanoCPUs ? { cpus: json.NanoCPUs / 1e9 } : {}),
    ...(json.Pids ? { pids: json.Pids } : {}),
  };
}
