import { practiceLabel } from '#labels.ts';
/** A practice node in a container. */
export interface PracticeNode {
  readonly container: string;
  readonly cluster: string;
  /** Starts at 2: node 1 is this machine. */
  readonly number: number;
  /** Its host name, shown to users. */
  readonly name: string;
  readonly zone: string;
  readonly role: 'manager' | 'worker';
  readonly state: 'running' | 'paused' | 'stopped';
  /** On the nodes' network; kept while it is stopped. */
  readonly address: string;
}

/** The nodes' network; this machine has the gateway's address there. */
export interface NodeNetwork {
  readonly name: string;
  /** CIDR. */
  readonly subnet: string;
  readonly gateway: string;
}

export const kind = { node: 'node', network: 'network', volume: 'volume' } as const;

export const nodeName = (number: number): string => `node-${number}`;
/** Name of the container and of its volume. */
export const containerName = (cluster: string, number: number): string => `mothership-${cluster}-${nodeName(number)}`;
export const networkName = (cluster: string): string => `mothership-${cluster}-nodes`;

interface ContainerJson {
  readonly Name: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly NetworkSettings: {
    readonly Networks?: Readonly<
      Record<string, { readonly IPAddress?: string; readonly IPAMConfig?: { readonly IPv4Address?: string } | null }>
    > | null;
  };
}

interface NetworkJson {
  readonly Name: string;
  readonly IPAM: { readonly Config?: readonly { readonly Subnet: string; readonly Gateway?: string }[] | null };
}

/**
 * Parses `docker inspect` of containers; sorted by number. Containers whose image sets a node's labels have another
 * name.
 */
export function parseNodes(inspected: string): PracticeNode[] {
  return (JSON.parse(inspected) as ContainerJson[])
    .map(practiceNode)
    .filter(({ container, cluster, number }) => container === containerName(cluster, number))
    .sort((a, b) => a.number - b.number);
}

function practiceNode({ Name, State, Config, NetworkSettings }: ContainerJson): PracticeNode {
  const labels = Config.Labels ?? {};
  const number = Number(labels[practiceLabel.number]);
  const cluster = labels[practiceLabel.cluster] ?? '';
  const network = NetworkSettings.Networks?.[networkName(cluster)];
  return {
    container: Name.replace(/^\//, ''),
    cluster,
    number,
    name: nodeName(number),
    zone: labels[practiceLabel.zone] ?? '',
    role: labels[practiceLabel.role] === 'manager' ? 'manager' : 'worker',
    state: State.Status === 'running' || State.Status === 'paused' ? State.Status : 'stopped',
    address: network?.IPAddress || network?.IPAMConfig?.IPv4Address || '',
  };
}

/** Parses `docker network inspect`; undefined without an IPv4 range. */
export function parseNetwork(inspected: string): NodeNetwork | undefined {
  const [network] = JSON.parse(inspected) as NetworkJson[];
  const range = network?.IPAM.Config?.find(({ Subnet }) => Subnet.includes('.'));
  if (!network || !range) return undefined;
  return { name: network.Name, subnet: range.Subnet, gateway: range.Gateway ?? addressIn(range.Subnet, 1) };
}

/** The n-th address of an IPv4 range, for example `172.18.0.7` of 172.18.0.0/16. */
export function addressIn(subnet: string, n: number): string {
  const [base = ''] = subnet.split('/');
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + n;
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
}

/** Servers in a resolv.conf that are reachable from other machines. */
export function resolversOf(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\d[\d.]+)\s*$/gm)]
    .map(([, address = '']) => address)
    .filter((address) => !address.startsWith('127.'));
}
