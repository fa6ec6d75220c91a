import { fail } from '#errors';
import type { ProvisionStep } from '../provider.ts';
import { doorKey, unwantedDoors, wantedDoors } from './firewall-rules.ts';
import { machineName, placeKey, sharedName } from './aws-names.ts';
import { monthlyPrice, PRICES_AS_OF, priceInWords } from './prices.ts';
import { sameKey } from './public-key.ts';
import { GROUP, type AwsRequest, type FirewallRule, type Observed, type MachineSlot } from './aws-types.ts';

/** A step; `monthly` in US dollars, undefined if unknown, omitted if free. */
export type AwsStep = { readonly title: string; readonly monthly?: number | undefined } & (
  | { readonly kind: 'key-pair' }
  | { readonly kind: 'group'; readonly vpc: string }
  | { readonly kind: 'open' | 'shut'; readonly doors: readonly FirewallRule[] }
  | { readonly kind: 'end' | 'start'; readonly machine: string }
  | { readonly kind: 'machine'; readonly place: MachineSlot; readonly zone: string; readonly type: string }
  | { readonly kind: 'address'; readonly place: MachineSlot }
  | { readonly kind: 'attach'; readonly address: string; readonly machine: string }
  | { readonly kind: 'release'; readonly address: string }
);

/**
 * Returns the steps from the current state to the request, in order. Existing resources stay, except duplicates by an
 * interrupted run and SSH rules for other addresses. Empty if nothing is missing (machines may still be booting).
 * Throws AWS_KEY_DIFFERS, or SETUP_OPTION_INVALID for another VPC.
 */
export function planAws(observed: Observed, request: AwsRequest): AwsStep[] {
  return [
    ...planKey(observed, request),
    ...planGroup(observed, request),
    ...planTwins(observed, request),
    ...planStarts(observed, request),
    ...planMachines(observed, request),
    ...planAddresses(observed, request),
  ];
}

/** Describes the plan, with the total as the last line; empty if there is nothing to do. */
export function describePlan(steps: readonly AwsStep[]): ProvisionStep[] {
  if (steps.length === 0) return [];
  const lines = steps.map((step) => ({
    title: step.title,
    ...('monthly' in step ? { cost: priceInWords(step.monthly) } : {}),
  }));
  const priced = steps.filter((step) => 'monthly' in step);
  if (priced.length === 0) return lines;
  const known = priced.reduce((sum, { monthly = 0 }) => sum + monthly, 0);
  const unknown = priced.some(({ monthly }) => monthly === undefined);
  const cost = unknown
    ? `${known > 0 ? `${priceInWords(known)} plus ` : ''}AWS charges for the rest`
    : `about ${priceInWords(known)}`;
  return [...lines, { title: `Total at on-demand prices as of ${PRICES_AS_OF}, before traffic and tax`, cost }];
}

function planKey({ estate }: Observed, request: AwsRequest): AwsStep[] {
  const key = sharedName(request.cluster);
  if (!estate.key) return [{ kind: 'key-pair', title: `Key pair ${key} from your SSH key` }];
  if (!sameKey(estate.key.publicKey, request.publicKey))
    throw fail('AWS_KEY_DIFFERS', { cluster: request.cluster, key });
  return [];
}

function planGroup({ estate, offer }: Observed, request: AwsRequest): AwsStep[] {
  if (estate.group && estate.group.vpc !== offer.vpc)
    throw fail('SETUP_OPTION_INVALID', {
      option: 'vpc',
      given: offer.vpc,
      why: `the cluster is in ${estate.group.vpc}`,
    });
  const present = estate.group?.doors ?? [];
  const there = new Set(present.map(doorKey));
  const missing = wantedDoors(request.adminCidrs).filter((door) => !there.has(doorKey(door)));
  const shut = unwantedDoors(present, request.adminCidrs);
  return [
    ...(estate.group
      ? []
      : [
          {
            kind: 'group' as const,
            vpc: offer.vpc,
            title: `Security group ${sharedName(request.cluster)} in ${offer.vpc}`,
          },
        ]),
    ...(missing.length > 0 ? [{ kind: 'open' as const, doors: missing, title: `Allow ${doorsInWords(missing)}` }] : []),
    ...(shut.length > 0 ? [{ kind: 'shut' as const, doors: shut, title: `Stop allowing ${doorsInWords(shut)}` }] : []),
  ];
}

function doorsInWords(doors: readonly FirewallRule[]): string {
  const from = (door: FirewallRule): string =>
    door.from === GROUP ? 'the machines' : door.from === '0.0.0.0/0' || door.from === '::/0' ? 'everywhere' : door.from;
  const name = (door: FirewallRule): string => (door.port === undefined ? 'ESP' : `${door.port}/${door.protocol}`);
  const groups = grouped(doors, from);
  return [...groups].map(([who, list]) => `${[...new Set(list.map(name))].join(', ')} from ${who}`).join('; ');
}

function grouped<T>(all: readonly T[], by: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(by(each), [...(groups.get(by(each)) ?? []), each]);
  return groups;
}

/** Duplicate machines and addresses created by a run that died before it knew of the first. */
function planTwins({ estate }: Observed, request: AwsRequest): AwsStep[] {
  const machines = laterOnes(estate.machines).map((each): AwsStep => ({
    kind: 'end',
    machine: each.id,
    title: `Remove ${each.id}, a duplicate of ${machineName(request.cluster, each)}`,
  }));
  const addresses = laterOnes(estate.addresses).map((each): AwsStep => ({
    kind: 'release',
    address: each.id,
    title: `Release ${each.address}, a duplicate for ${machineName(request.cluster, each)}`,
  }));
  return [...machines, ...addresses];
}

/** The first of each place counts: the inventory is sorted that way. */
export function laterOnes<T extends MachineSlot>(all: readonly T[]): T[] {
  return all.filter((each, at) => all.findIndex((other) => placeKey(other) === placeKey(each)) < at);
}

export function firstOnes<T extends MachineSlot>(all: readonly T[]): T[] {
  return all.filter((each, at) => all.findIndex((other) => placeKey(other) === placeKey(each)) === at);
}

function planStarts({ estate }: Observed, request: AwsRequest): AwsStep[] {
  return firstOnes(estate.machines)
    .filter(({ state }) => state === 'stopped')
    .map((each) => ({ kind: 'start', machine: each.id, title: `Start ${machineName(request.cluster, each)} again` }));
}

const wantedPlaces = (request: AwsRequest): MachineSlot[] => [
  ...Array.from({ length: request.managers }, (_, index): MachineSlot => ({ role: 'manager', index })),
  ...Array.from({ length: request.workers }, (_, index): MachineSlot => ({ role: 'worker', index })),
];

function planMachines({ estate, offer }: Observed, request: AwsRequest): AwsStep[] {
  const placed: (MachineSlot & { zone: string })[] = firstOnes(estate.machines);
  const taken = new Set(placed.map(placeKey));
  return wantedPlaces(request)
    .filter((place) => !taken.has(placeKey(place)))
    .map((place): AwsStep => {
      const zone = emptiestZone(offer.zones, placed, place);
      placed.push({ ...place, zone });
      const type = place.role === 'manager' ? request.managerType : request.workerType;
      const title =
        `${machineName(request.cluster, place)}: ${type} in ${zone}, Debian 13, ${request.diskGb} ` +
        'GB encrypted disk';
      return { kind: 'machine', place, zone, type, title, monthly: monthlyPrice(offer.region, type, request.diskGb) };
    });
}

/**
 * The zone with fewest machines of the role, then of any role, so that losing a zone affects as few managers as
 * possible.
 */
function emptiestZone(
  zones: readonly string[],
  placed: readonly (MachineSlot & { zone: string })[],
  { role }: MachineSlot,
): string {
  const load = (zone: string): number => {
    const there = placed.filter((each) => each.zone === zone);
    return there.filter((each) => each.role === role).length * 1_000 + there.length;
  };
  return zones.reduce((best, zone) => (load(zone) < load(best) ? zone : best));
}

function planAddresses({ estate }: Observed, request: AwsRequest): AwsStep[] {
  if (!request.elasticAddresses) return [];
  const held = firstOnes(estate.addresses);
  const machines = firstOnes(estate.machines);
  return wantedPlaces(request)
    .filter(({ role }) => role === 'manager')
    .flatMap((place): AwsStep[] => {
      const name = machineName(request.cluster, place);
      const address = held.find((each) => placeKey(each) === placeKey(place));
      if (!address)
        return [{ kind: 'address', place, title: `Elastic IP for ${name}, replacing its automatic address` }];
      const machine = machines.find((each) => placeKey(each) === placeKey(place));
      return machine && address.machine !== machine.id
        ? [
            {
              kind: 'attach',
              address: address.id,
              machine: machine.id,
              title: `Address ${address.address} for ${name}`,
            },
          ]
        : [];
    });
}
