import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { isIPv4 } from 'node:net';
import { HUBS } from './isolation-rules.ts';

/** Written by Swarm on its tasks, over whatever an image says. */
const SERVICE = 'com.docker.swarm.service.name';
const TIMEOUT_MS = 2_000;

interface ContainerJson {
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly NetworkID: string; readonly IPAddress: string }>>;
  };
}

/** Addresses on `network` (an id) of the hubs that run on this engine. */
export async function localHubs(socketPath: string, network: string): Promise<string[]> {
  const containers = (await Promise.all(HUBS.map((hub) => tasksOf(socketPath, hub)))).flat();
  return containers.flatMap(({ NetworkSettings: { Networks } }) =>
    Object.values(Networks)
      .filter(({ NetworkID, IPAddress }) => NetworkID === network && isIPv4(IPAddress))
      .map(({ IPAddress }) => IPAddress),
  );
}

function tasksOf(socketPath: string, service: string): Promise<ContainerJson[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${SERVICE}=${service}`] }));
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: `/containers/json?filters=${filters}`, signal }, (response) => {
      if (response.statusCode === 200)
        return void json(response).then((all) => resolve(all as ContainerJson[]), reject);
      response.resume();
      reject(new Error(`the engine answered ${response.statusCode}`));
    });
    call.once('error', reject).end();
  });
}
