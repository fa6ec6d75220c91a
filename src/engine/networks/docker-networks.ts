import { at, type Connection } from '../connection/connection.ts';
import { filters, type Labels } from '../connection/labels.ts';
import { exactId, exactly } from '../connection/names.ts';
import type { NetworkInfo, NetworkOptions, Networks } from './networks.ts';

interface NetworkJson {
  readonly Id: string;
  readonly Name: string;
  /** Empty for a moment in a Swarm network, until Swarm has allocated it. */
  readonly Driver: string;
  readonly Scope: string;
  readonly Labels?: Labels | null;
}

export class DockerNetworks implements Networks {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  networks: Networks['networks'] = async (filter) => {
    const all = await this.#engine.list<NetworkJson>({
      path: '/networks',
      query: filters(filter),
      action: 'list networks',
    });
    return all.map(networkInfo);
  };

  network: Networks['network'] = async (nameOrId) => {
    const found = await this.#engine.find<NetworkJson>({
      path: at`/networks/${nameOrId}`,
      action: `read network ${nameOrId}`,
    });
    return exactly(nameOrId, found && networkInfo(found));
  };

  createNetwork: Networks['createNetwork'] = async (options) => {
    const { Id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: '/networks/create',
      body: networkJson(options),
      action: `create network ${options.name}`,
      what: `network ${options.name}`,
      names: true,
    });
    return Id;
  };

  removeNetwork: Networks['removeNetwork'] = async (nameOrId) => {
    const id = await exactId(nameOrId, this.network);
    if (id)
      await this.#engine.find({ method: 'DELETE', path: at`/networks/${id}`, action: `remove network ${nameOrId}` });
  };
}

function networkJson(options: NetworkOptions): object {
  return {
    Name: options.name,
    Driver: options.driver,
    // Otherwise local networks may share a name.
    CheckDuplicate: true,
    Labels: options.labels,
    Attachable: options.attachable,
    IPAM: options.subnet ? { Driver: 'default', Config: [{ Subnet: options.subnet }] } : undefined,
    Options: options.options,
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
