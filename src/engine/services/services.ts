import { setTimeout as sleep } from 'node:timers/promises';
import { fail, isMothershipError } from '../../errors/index.ts';
import { at, type Connection } from '../connection/connection.ts';
import type { LabelFilter, Labels, Resources, ServiceInfo, ServiceSpec } from '../engine.ts';
import { exactId, exactly, filters } from '../swarm/names.ts';
import { serviceJson } from './service-spec.ts';
import type { Tasks } from './tasks.ts';
import type { RegistryAuth } from '../types.ts';

interface ResourcesJson {
  readonly MemoryBytes?: number;
  readonly NanoCPUs?: number;
  readonly Pids?: number;
}

interface ServiceJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
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

export class Services {
  readonly #engine: Connection;
  readonly #tasks: Pick<Tasks, 'list'>;
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(engine: Connection, tasks: Pick<Tasks, 'list'>, pause: (ms: number) => Promise<unknown> = sleep) {
    this.#engine = engine;
    this.#tasks = tasks;
    this.#pause = pause;
  }

  async list(filter: LabelFilter): Promise<ServiceInfo[]> {
    const all = await this.#engine.list<ServiceJson>({
      path: '/services',
      query: filters(filter),
      action: 'list services',
    });
    return all.map(serviceInfo);
  }

  async get(nameOrId: string): Promise<ServiceInfo | undefined> {
    const found = await this.#find(nameOrId);
    return exactly(nameOrId, found && serviceInfo(found));
  }

  /**
   * Never asks a registry for the image's digest: only the docker CLI (`--resolve-image`) and API versions before 1.30
   * do.
   */
  async create(spec: ServiceSpec): Promise<string> {
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
  }

  async update(id: string, version: number, spec: ServiceSpec): Promise<void> {
    await this.#update(id, version, serviceJson(spec, await this.#features()), spec.name, spec.registryAuth);
  }

  async scale(nameOrId: string, replicas: number, labels?: Labels): Promise<void> {
    await this.#change(nameOrId, 'scale', (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: replicas } },
      ...(labels ? { Labels: labels } : {}),
    }));
  }

  async replaceSecrets(
    nameOrId: string,
    secrets: Readonly<Record<string, { readonly id: string; readonly name: string }>>,
  ): Promise<void> {
    await this.#change(nameOrId, 'change', ({ TaskTemplate: template, ...spec }) => {
      const held = template.ContainerSpec?.Secrets ?? [];
      const changed = held.map((secret) => {
        const other = secrets[secret.File.Name];
        return other ? { ...secret, SecretID: other.id, SecretName: other.name } : secret;
      });
      return { ...spec, TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, Secrets: changed } } };
    });
  }

  async constrain(nameOrId: string, constraints: readonly string[]): Promise<void> {
    await this.#change(nameOrId, 'constrain', ({ TaskTemplate: template, ...spec }) => ({
      ...spec,
      TaskTemplate: { ...template, Placement: { ...template.Placement, Constraints: constraints } },
    }));
  }

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
  async remove(nameOrId: string): Promise<void> {
    const id = await this.idOf(nameOrId);
    if (!id) return;
    for (let waited = 0; waited < LEAVING_MS && (await this.#loses(id)); waited += LOOK_MS) await this.#pause(LOOK_MS);
    await this.#engine.find({ method: 'DELETE', path: at`/services/${id}`, action: `remove service ${nameOrId}` });
  }

  async #loses(id: string): Promise<boolean> {
    return (await this.#tasks.list({ service: id })).some(({ desired }) => desired === 'remove');
  }

  idOf(nameOrId: string): Promise<string | undefined> {
    return exactId(nameOrId, (name) => this.get(name));
  }

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
    updatedAt: json.UpdatedAt,
  };
}

function resources(json: ResourcesJson = {}): Resources {
  return {
    ...(json.MemoryBytes ? { memoryBytes: json.MemoryBytes } : {}),
    ...(json.NanoCPUs ? { cpus: json.NanoCPUs / 1e9 } : {}),
    ...(json.Pids ? { pids: json.Pids } : {}),
  };
}
