import { practiceLabel } from '#labels.ts';
import { SILENCE_RETRIES, SILENCE_SETTING } from '#nodes';
import type { MachineRequest, ProvisionStep } from '../provider.ts';
import {
  addressIn,
  containerName,
  kind,
  networkName,
  nodeName,
  type NodeNetwork,
  type PracticeNode,
} from './practice-node.ts';

export type PracticeStep =
  | { readonly kind: 'network' }
  | { readonly kind: 'node'; readonly number: number; readonly role: 'manager' | 'worker'; readonly zone: string }
  /** A stopped or paused one. */
  | { readonly kind: 'start'; readonly node: PracticeNode };

const ZONES = ['a', 'b', 'c'];

/** Zones round-robin by number; node 1 is this machine. */
export function zoneOf(number: number, zones: readonly string[]): string {
  const all = zones.length > 0 ? zones : ZONES;
  return all[(number - 1) % all.length]!;
}

/** Returns what is missing from the request. Never removes nodes: use `nodes:remove` and `destroy`. */
export function planPractice(
  request: MachineRequest,
  nodes: readonly PracticeNode[],
  network: NodeNetwork | undefined,
): PracticeStep[] {
  const taken = new Set(nodes.map((node) => node.number));
  const total = Math.max(1, request.managers + request.workers);
  const free = Array.from({ length: total + taken.size }, (_, index) => index + 2).filter(
    (number) => !taken.has(number),
  );
  const missing = free.slice(0, Math.max(0, total - 1 - taken.size));
  const managers = Math.max(0, request.managers - 1 - nodes.filter((node) => node.role === 'manager').length);
  return [
    ...(missing.length > 0 && !network ? [{ kind: 'network' as const }] : []),
    ...nodes.filter((node) => node.state !== 'running').map((node) => ({ kind: 'start' as const, node })),
    ...missing.map((number, index) => ({
      kind: 'node' as const,
      number,
      role: index < managers ? ('manager' as const) : ('worker' as const),
      zone: zoneOf(number, request.zones),
    })),
  ];
}

export function describe(step: PracticeStep, cluster: string): ProvisionStep {
  switch (step.kind) {
    case 'network':
      return { title: `Network ${networkName(cluster)} on this machine` };
    case 'start':
      return { title: `Start ${step.node.name}, the container ${step.node.container}` };
    case 'node':
      return {
        title:
          `${nodeName(step.number)}: ${step.role} in zone ${step.zone}, the container ` +
          `${containerName(cluster, step.number)}`,
      };
  }
}

interface NodeContainer {
  readonly cluster: string;
  readonly step: PracticeStep & { readonly kind: 'node' };
  readonly network: NodeNetwork;
  readonly image: string;
  readonly rights: readonly string[];
  readonly resolvers: readonly string[];
  readonly memoryBytes?: number | undefined;
}

/**
 * Privileges of a node: an engine needs nearly all. Not `--privileged`, which would expose this machine's disks and
 * fails where the machine itself lacks CAP_SYS_RESOURCE. There, old engines need that capability dropped explicitly;
 * new ones do it themselves.
 */
export const RIGHTS: readonly (readonly string[])[] = [[], ['--cap-drop', 'SYS_RESOURCE']].map((drop) => [
  '--cap-add',
  'ALL',
  ...drop,
  ...['seccomp=unconfined', 'apparmor=unconfined', 'systempaths=unconfined', 'label=disable'].flatMap((option) => [
    '--security-opt',
    option,
  ]),
]);

/** Arguments of `docker run`. The address is fixed, so that a restarted node is the same one to the Swarm. */
export function nodeArguments({
  cluster,
  step,
  network,
  image,
  rights,
  resolvers,
  memoryBytes,
}: NodeContainer): string[] {
  const name = containerName(cluster, step.number);
  const labels = {
    ...labelsOf(cluster, kind.node),
    [practiceLabel.number]: String(step.number),
    [practiceLabel.zone]: step.zone,
    [practiceLabel.role]: step.role,
  };
  return [
    '--detach',
    '--pull',
    'never',
    '--name',
    name,
    '--hostname',
    nodeName(step.number),
    ...labelArguments(labels),
    '--restart',
    'unless-stopped',
    '--network',
    network.name,
    '--ip',
    addressIn(network.subnet, step.number),
    '--sysctl',
    `${SILENCE_SETTING}=${SILENCE_RETRIES}`,
    '--volume',
    `${name}:/var/lib/docker`,
    ...rights,
    ...(memoryBytes ? ['--memory', String(memoryBytes), '--memory-swap', String(memoryBytes)] : []),
    '--env',
    `MOTHERSHIP_RESOLVERS=${resolvers.join(' ')}`,
    '--log-opt',
    'max-size=10m',
    '--stop-timeout',
    '20',
    image,
  ];
}

export function labelsOf(cluster: string, objectKind: string): Record<string, string> {
  return { [practiceLabel.cluster]: cluster, [practiceLabel.kind]: objectKind };
}

export function labelArguments(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
}

export function filterArguments(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([name, value]) => ['--filter', `label=${name}=${value}`]);
}
