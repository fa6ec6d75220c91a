import { DockerConfigs, DockerSecrets } from './configs/docker-configs.ts';
import { Connection, type EngineAddress } from './connection/connection.ts';
import { DockerContainers } from './containers/docker-containers.ts';
import { DockerExecs } from './containers/docker-execs.ts';
import type { Engine } from './engine.ts';
import { DockerImages } from './images/docker-images.ts';
import { DockerNetworks } from './networks/docker-networks.ts';
import { DockerNodes } from './nodes/docker-nodes.ts';
import { DockerServices } from './services/docker-services.ts';
import { DockerSwarm } from './swarm/docker-swarm.ts';
import { DockerSystem } from './system/docker-system.ts';
import { DockerVolumes } from './volumes/docker-volumes.ts';

/** Docker Engine at a socket or address: API 1.41 (engine 20.10) and later. Connects on first use. */
export function dockerEngine(address: EngineAddress): Engine {
  const connection = new Connection(address);
  return {
    ...new DockerSystem(connection),
    ...new DockerSwarm(connection),
    ...new DockerNodes(connection),
    ...new DockerConfigs(connection),
    ...new DockerSecrets(connection),
    ...new DockerNetworks(connection),
    ...new DockerVolumes(connection),
    ...new DockerServices(connection),
    ...new DockerContainers(connection),
    ...new DockerExecs(connection),
    ...new DockerImages(connection),
  };
}
