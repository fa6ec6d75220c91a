import { label } from '#labels.ts';
import { own } from '#values/own.ts';
import type { Engine, EngineInfo } from '#engine';
import type { Clock, Secret } from '#events';
import { observeSlices, sliceSteps, type Machine, type SliceStep } from '#provision';
import type { ClusterRecord, Store } from '#store';
import type { ClusterSpec } from './cluster-spec.ts';
import { names } from '../names.ts';
import { askCluster } from './reach.ts';
import { isTokenValue } from '#access/token-value.ts';

/** The current state of a cluster, from which setup decides everything. */
export interface Observed {
  readonly engine: EngineInfo;
  /** Names of services in the Swarm that do not belong to Mothership. */
  readonly foreignServices: readonly string[];
  readonly record: ClusterRecord | undefined;
  /** Tags in the engine. */
  readonly images: readonly string[];
  /** Whether the record's stack images no longer match these tags, for example because they were loaded again. */
  readonly imagesMoved?: boolean;
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
  /** Fingerprint by name. */
  readonly services: Readonly<Record<string, string>>;
  readonly hasAdmin: boolean;
  /** Whether the given token is valid on the cluster. */
  readonly tokenHolds: boolean;
  readonly portsTaken: readonly number[];
  readonly answers: boolean;
  /** Steps for the builds slice on this machine; none if slices are not supported or may not be changed. */
  readonly slices?: readonly SliceStep[];
  /** Addresses of this machine, most likely first. */
  readonly addresses: readonly string[];
}

interface ObserveParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
}

/** Read first, because it provides options that were not given. */
export async function observeRecord({
  engine,
  store,
}: ObserveParts): Promise<{ info: EngineInfo; record: ClusterRecord | undefined }> {
  const info = await engine.info();
  return { info, record: info.swarm === 'manager' ? await store.cluster.get() : undefined };
}

export async function observeCluster(
  parts: ObserveParts,
  spec: ClusterSpec,
  known: { info: EngineInfo; record: ClusterRecord | undefined },
): Promise<Observed> {
  const { engine, machine } = parts;
  const inSwarm = known.info.swarm === 'manager' ? await observeSwarm(parts, spec.settings.token) : nothing;
  const { settings } = spec;
  const routed = names.router in inSwarm.services;
  const ports = routed ? [] : [settings.httpPort, settings.httpsPort];
  const [imagesMoved, images, volumes, taken, answers, addresses, slices] = await Promise.all([
    haveMoved(engine, spec, known.record),
    present(
      Object.values(spec.images).map((image) => image.tag),
      async (tag) => (await engine.image(tag)) !== undefined,
    ),
    engine.volumes({}),
    present(ports, (port) => machine.accepts(settings.address, port)),
    routed ? askCluster(settings, settings.token).then(({ ok }) => ok) : false,
    machine.addresses(),
    slicesOf(machine, known.info),
  ]);
  return {
    engine: known.info,
    record: known.record,
    ...inSwarm,
    images,
    imagesMoved,
    volumes: volumes.map((volume) => volume.name),
    portsTaken: taken,
    answers,
    addresses,
    slices,
  };
}

/** Only if this process can become root and the engine is local. */
async function slicesOf(machine: Machine, { name, slices }: EngineInfo): Promise<SliceStep[]> {
  if (!slices || name !== machine.name) return [];
  const { code } = await machine.run(machine.asRoot(['true']));
  return code === 0 ? sliceSteps(await observeSlices(machine)) : [];
}

async function haveMoved(
  engine: Engine,
  { images, settings }: ClusterSpec,
  record: ClusterRecord | undefined,
): Promise<boolean> {
  const stack = record && own(record.stacks, settings.stack);
  if (!stack) return false;
  const [build, run] = await Promise.all([engine.image(images.stackBuild.tag), engine.image(images.stackRun.tag)]);
  return (build !== undefined && build.id !== stack.buildImage) || (run !== undefined && run.id !== stack.runImage);
}

type InSwarm = Pick<
  Observed,
  'foreignServices' | 'networks' | 'secrets' | 'configs' | 'services' | 'hasAdmin' | 'tokenHolds'
>;
const nothing: InSwarm = {
  foreignServices: [],
  networks: [],
  secrets: [],
  configs: [],
  services: {},
  hasAdmin: false,
  tokenHolds: false,
};

async function observeSwarm({ engine, store }: ObserveParts, token: Secret | undefined): Promise<InSwarm> {
  const [services, networks, secrets, configs, tokens] = await Promise.all([
    engine.services({}),
    engine.networks({ [label.cluster]: '' }),
    engine.secrets({ [label.cluster]: '' }),
    engine.configs({ [label.cluster]: '' }),
    store.tokens.list(),
  ]);
  const ours = services.filter((service) => isOurs(service.labels));
  return {
    foreignServices: services
      .filter((service) => !isOurs(service.labels))
      .map((service) => service.name)
      .sort(),
    networks: networks.map((network) => network.name),
    secrets: secrets.map((secret) => secret.name),
    configs: configs.map((config) => config.name),
    services: Object.fromEntries(ours.map((service) => [service.name, service.labels[label.fingerprint] ?? ''])),
    hasAdmin: tokens.some((each) => each.role === 'admin'),
    tokenHolds: token !== undefined && tokens.some((each) => isTokenValue(each, token)),
  };
}

/** Whether Mothership created the object with these labels. */
export function isOurs(labels: Readonly<Record<string, string>>): boolean {
  return label.kind in labels;
}

async function present<T>(all: readonly T[], holds: (each: T) => Promise<boolean>): Promise<T[]> {
  const found = await Promise.all(all.map(holds));
  return all.filter((_, index) => found[index]);
}
