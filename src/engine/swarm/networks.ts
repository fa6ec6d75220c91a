import { at, type Connection } from '../connection/connection.ts';
import type { LabelFilter, Labels, NetworkInfo, NetworkOptions } from '../engine.ts';
import { exactId, exactly, filters } from './names.ts';

interface NetworkJson {
  readonly Id: string;
  readonly Name: string;
  /** Empty for a moment in a Swarm network, until Swarm has allocated it. */
  readonly Driver: string;
  readonly Scope: string;
  readonly Labels?: Labels | null;
}

export class Networks {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  async list(filter: LabelFilter): Promise<NetworkInfo[]> {
    const all = await this.#engine.list<NetworkJson>({
      path: '/networks',
      query: filters(filter),
      action: 'list networks',
    });
    return all.map(networkInfo);
  }

  async get(nameOrId: string): Promise<NetworkInfo | undefined> {
    const found = await this.#engine.find<NetworkJson>({
      path: at`/networks/${nameOrId}`,
      action: `read network ${nameOrId}`,
    });
    return exactly(nameOrId, found && networkInfo(found));
  }

  async create(options: NetworkOptions): Promise<string> {
    const { Id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: '/networks/create',
      body: networkJson(options),
      action: `create network ${options.name}`,
      what: `network ${options.name}`,
      names: true,
    });
    return Id;
  }

  async remove(nameOrId: string): Promise<void> {
    const id = await exactId(nameOrId, (name) => this.get(name));
    if (id)
      await this.#engine.find({ method: 'DELETE', path: at`/networks/${id}`, action: `remove network ${nameOrId}` });
  }

  async connect(network: string, containerId: string, aliases: readonly string[] = []): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: at`/networks/${network}/connect`,
      body: { Container: containerId, EndpointConfig: { Aliases: aliases } },
      action: `connect a container to network ${network}`,
    });
  }
}

function networkJson(options: NetworkOptions): object {
  return {
    Name: options.name,
    Driver: options.driver,
    // Otherwise local networks may share a name.
    CheckDuplicate: true,
    Labels: options.labels,
    ...(options.attachable ? { Attachable: true } : {}),
    ...(options.subnet ? { IPAM: { Driver: 'default', Config: [{ Subnet: options.subnet }] } } : {}),
    ...(options.options ? { Options: options.options } : {}),
  };
}

function networkInfo(json: NetworkJson): NetworkInfo {
  return {
    id: json.Id,
    name: json.Name,
    driver: json.Driver || (json.Scope === 'swarm' ? 'overlay' : ''),
    labels: json.Labels ?? {},
  };
}
