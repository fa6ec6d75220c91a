/** What a practice cluster has of one node that is a container. */
export interface PracticeNode {
  readonly container: string;
  readonly cluster: string;
  /** 2 and up: node 1 is this machine. */
  readonly number: number;
  /** Its host name, and what people call it. */
  readonly name: string;
  readonly zone: string;
  readonly role: 'manager' | 'worker';
  readonly state: 'running' | 'paused' | 'stopped';
  /** On the network of the nodes; it keeps it while it is stopped. */
  readonly address: string;
}

/** Where the nodes see each other; this machine has the gateway's address there. */
export interface NodeNetwork {
  readonly name: string;
  /** CIDR. */
  readonly subnet: string;
  readonly gateway: string;
}

/** Not `mothership.kind`, by which `cluster:destroy` finds what a cluster has in an engine: nodes go after what is on them. */
export const label = {
  cluster: 'mothership.cluster',
  kind: 'mothership.practice',
  number: 'mothership.practice.node',
  zone: 'mothership.practice.zone',
  role: 'mothership.practice.role',
} as const;

export const kind = { node: 'node', network: 'network', volume: 'volume' } as const;

export const nodeName = (number: number): string => `node-${number}`;
/** Of the container and of its volume. */
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

/** From the text of `docker inspect` of containers; sorted by number. */
export function parseNodes(inspected: string): PracticeNode[] {
  return (JSON.parse(inspected) as ContainerJson[]).map(practiceNode).sort((a, b) => a.number - b.number);
}

function practiceNode({ Name, State, Config, NetworkSettings }: ContainerJson): PracticeNode {
  const labels = Config.Labels ?? {};
  const number = Number(labels[label.number]);
  const cluster = labels[label.cluster] ?? '';
  const network = NetworkSettings.Networks?.[networkName(cluster)];
  return {
    container: Name.replace(/^\//, ''),
    cluster,
    number,
    name: nodeName(number),
    zone: labels[label.zone] ?? '',
    role: labels[label.role] === 'manager' ? 'manager' : 'worker',
    state: State.Status === 'running' || State.Status === 'paused' ? State.Status : 'stopped',
    address: network?.IPAddress || network?.IPAMConfig?.IPv4Address || '',
  };
}

/** From the text of `docker network inspect`. Undefined when it has no IPv4 range. */
export function parseNetwork(inspected: string): NodeNetwork | undefined {
  const [network] = JSON.parse(inspected) as NetworkJson[];
  const range = network?.IPAM.Config?.find(({ Subnet }) => Subnet.includes('.'));
  if (!network || !range) return undefined;
  return { name: network.Name, subnet: range.Subnet, gateway: range.Gateway ?? addressIn(range.Subnet, 1) };
}

/** The n-th address of an IPv4 range, e.g. `172.18.0.7` of 172.18.0.0/16. */
export function addressIn(subnet: string, n: number): string {
  const [base = ''] = subnet.split('/');
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + n;
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
}

/** Servers of a resolv.conf that others than the machine itself reach. */
export function resolversOf(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\d[\d.]+)\s*$/gm)]
    .map(([, address = '']) => address)
    .filter((address) => !address.startsWith('127.'));
}
