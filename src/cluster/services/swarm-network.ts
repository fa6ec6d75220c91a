import { KIND } from '#labels.ts';
import type { NetworkOptions, Networks } from '#engine';
import { isMothershipError } from '#errors';
import { labelsOf, names } from '../names.ts';

/** Within Swarm's default address pool; each has room for 65,000 web processes. */
const PROXY_SUBNETS = [64, 112, 160, 176, 208, 224].map((second) => `10.${second}.0.0/16`);

/** `taken`: addresses of the machine, whose networks must not be shadowed. */
export async function createPlatformNetwork(
  engine: Networks,
  cluster: string,
  name: string,
  taken: readonly string[],
): Promise<void> {
  const options: NetworkOptions = { name, driver: 'overlay', labels: labelsOf(cluster, KIND.network) };
  if (name !== names.proxyNetwork) return void (await engine.createNetwork(options));
  const free = PROXY_SUBNETS.filter((subnet) => !taken.some((address) => address.startsWith(prefixOf(subnet))));
  for (const [index, subnet] of free.entries()) {
    try {
      return void (await engine.createNetwork({ ...options, subnet }));
    } catch (error) {
      const overlaps = isMothershipError(error, 'ENGINE_FAILED') && /overlap/i.test(error.message);
      if (!overlaps || index === free.length - 1) throw error;
    }
  }
}

function prefixOf(subnet: string): string {
  return subnet.split('.').slice(0, 2).join('.') + '.';
}
