import { at, type Connection } from '../connection/connection.ts';
import { filters, type Labels } from '../connection/labels.ts';
import { exactId, exactly } from '../connection/names.ts';
import type { ConfigObject, Configs, Secrets } from './configs.ts';

interface ConfigJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Labels | null; readonly Data?: string | null };
}

type NewObject = Parameters<Configs['createConfig']>[0];

export class DockerConfigs implements Configs {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  configs: Configs['configs'] = async (filter, namePrefix) => {
    const query = filters(filter, namePrefix ? { name: [namePrefix] } : {});
    const all = await this.#engine.list<ConfigJson>({ path: '/configs', query, action: 'list configs' });
    return all.map(configObject);
  };

  config: Configs['config'] = async (nameOrId) => {
    const found = await this.#engine.find<ConfigJson>({
      path: at`/configs/${nameOrId}`,
      action: `read config ${nameOrId}`,
    });
    return exactly(nameOrId, found && configObject(found));
  };

  createConfig: Configs['createConfig'] = (object) => createIn(this.#engine, 'config', object);

  updateConfigLabels: Configs['updateConfigLabels'] = async (id, version, labels) => {
    const what = `config ${id}`;
    // The update must include the name, but not the data.
    const current = await this.#engine.call<ConfigJson>({ path: at`/configs/${id}`, action: `update ${what}` });
    await this.#engine.call({
      method: 'POST',
      path: at`/configs/${id}/update`,
      query: { version },
      body: { Name: current.Spec.Name, Labels: labels },
      action: `update ${what}`,
      what: `config ${current.Spec.Name}`,
    });
  };

  removeConfig: Configs['removeConfig'] = async (nameOrId) => {
    const id = await exactId(nameOrId, this.config);
    if (id)
      await this.#engine.find({ method: 'DELETE', path: at`/configs/${id}`, action: `remove config ${nameOrId}` });
  };
}

export class DockerSecrets implements Secrets {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  secrets: Secrets['secrets'] = async (filter) => {
    const all = await this.#engine.list<ConfigJson>({
      path: '/secrets',
      query: filters(filter),
      action: 'list secrets',
    });
    return all.map(secretObject);
  };

  createSecret: Secrets['createSecret'] = (object) => createIn(this.#engine, 'secret', object);

  removeSecret: Secrets['removeSecret'] = async (nameOrId) => {
    const id = await exactId(nameOrId, (name) => this.#get(name));
    if (id)
      await this.#engine.find({ method: 'DELETE', path: at`/secrets/${id}`, action: `remove secret ${nameOrId}` });
  };

  async #get(nameOrId: string): Promise<{ id: string; name: string } | undefined> {
    const found = await this.#engine.find<ConfigJson>({
      path: at`/secrets/${nameOrId}`,
      action: `read secret ${nameOrId}`,
    });
    return exactly(nameOrId, found && secretObject(found));
  }
}

async function createIn(engine: Connection, kind: 'config' | 'secret', object: NewObject): Promise<string> {
  const { ID } = await engine.call<{ ID: string }>({
    method: 'POST',
    path: `/${kind}s/create`,
    body: { Name: object.name, Labels: object.labels, Data: object.data.toString('base64') },
    action: `create ${kind} ${object.name}`,
    what: `${kind} ${object.name}`,
    names: true,
  });
  return ID;
}

function configObject(json: ConfigJson): ConfigObject {
  return {
    id: json.ID,
    name: json.Spec.Name,
    version: json.Version.Index,
    labels: json.Spec.Labels ?? {},
    data: Buffer.from(json.Spec.Data ?? '', 'base64'),
    createdAt: json.CreatedAt,
  };
}

function secretObject(json: ConfigJson): { id: string; name: string; labels: Labels } {
  return { id: json.ID, name: json.Spec.Name, labels: json.Spec.Labels ?? {} };
}
