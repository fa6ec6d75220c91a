/** Interfaces of container engines, whose addresses other machines cannot reach. */
const CONTAINER_INTERFACE = /^(docker|br-|veth|virbr|cni|flannel|podman)/;

/** Returns the interface of the default route, from the text of Linux's /proc/net/route. */
export function defaultInterface(routes: string): string | undefined {
  const rows = routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0];
}

/** Addresses that other machines may reach, the default route's first. `name` is the interface's. */
export function reachableAddresses(routes: string, all: readonly { name: string; address: string }[]): string[] {
  const first = defaultInterface(routes);
  return all
    .filter(({ name }) => !CONTAINER_INTERFACE.test(name))
    .sort((a, b) => Number(b.name === first) - Number(a.name === first))
    .map(({ address }) => address);
}
