import { InstalledFiles } from '#cluster';
import { dockerEngine, engineAddress, whereIs, type Engine } from '#engine';
import { LocalProvider, type Machine, type Provider } from '#provision';
import { SwarmStore, type Store } from '#store';

/** Operations on a cluster from its manager, without its controller: setup, destroy, doctor. */
export interface LocalCluster {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly provider: Provider;
  readonly files: InstalledFiles;
  /** Describes where the engine is. */
  readonly where: string;
  /** Where to reach published ports from here. */
  readonly address: string;
}

/** Uses the engine of DOCKER_HOST. `installation`: a file or folder of this installation of Mothership. */
export async function localCluster({
  dockerHost,
  address,
  installation,
}: {
  dockerHost: string | undefined;
  address: string | undefined;
  installation: string;
}): Promise<LocalCluster> {
  const place = engineAddress(dockerHost);
  const provider = new LocalProvider(place, address);
  const [local] = await provider.list();
  const engine = dockerEngine(place);
  return {
    engine,
    store: new SwarmStore(engine),
    provider,
    machine: local!.machine,
    address: local!.address,
    files: await InstalledFiles.around(installation),
    where: whereIs(place),
  };
}
