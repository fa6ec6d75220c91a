import { KIND, label } from '#labels.ts';
import { own } from '#values/own.ts';
import type { Formation } from '#apps';
import { MiB } from '#values/size.ts';
import { LOG_LIMITS, type ServiceSpec } from '#engine';
import { SPREAD_OVER_ZONES } from '#nodes';
import type { ServiceImage } from '#registry';
import { escapeTemplate, processCommand, processPrivileges, releaseEnvironment, releaseTimes } from '#releases';
import type { AppRecord, Generation, ReleaseRecord } from '#store';
import { generationId, serviceName } from './generation.ts';

/**
 * An eighth of a task's memory limit is reserved: 64 MB of the default 512, about what an idle web process uses. Limits
 * may exceed a node's memory, since few apps are busy at the same time, especially during a deploy, when an app runs
 * twice. Reserving the full limit would leave most nodes idle; reserving nothing would let Swarm overfill a node.
 */
const RESERVED_SHARE = 8;

/** What a task of this memory limit reserves, in bytes. */
export function reservedMemory(limitBytes: number): number {
  // Swarm's minimum is 4 MB.
  return Math.max(4 * MiB, Math.floor(limitBytes / RESERVED_SHARE));
}

export interface RolloutInput {
  readonly app: Pick<AppRecord, 'id' | 'name' | 'live'>;
  readonly target: Generation;
  readonly release: ReleaseRecord;
  readonly formation: Formation;
  readonly port: number;
  /** Where nodes get the image; defaults to its id, known only on the node that built it. */
  readonly image?: ServiceImage;
  /** Whether every node's engine keeps setuid programs in services from gaining privileges. */
  readonly confined: boolean;
  /** Network ids. */
  readonly networks: { readonly app: string; readonly proxy: string };
}

/** What a rollout will do, decided before anything is done. */
export interface RolloutPlan {
  readonly app: Pick<AppRecord, 'id' | 'name'>;
  readonly from: Generation | undefined;
  readonly target: Generation;
  readonly formation: Formation;
  readonly create: readonly ServiceSpec[];
  /** Scaled to 0 and kept. The sweep removes the one kept before, whose processes may still be stopping. */
  readonly retire: Generation | undefined;
  readonly times: { readonly bootMs: number; readonly drainMs: number };
}

/** Decides a rollout. Pure. A release without an image runs nothing. */
export function planRollout(input: RolloutInput): RolloutPlan {
  const { app, target, release, formation } = input;
  const types =
    release.image === null ? [] : Object.keys(formation).filter((type) => Object.hasOwn(release.processTypes, type));
  return {
    app: { id: app.id, name: app.name },
    from: app.live,
    target: webless(release) ? { ...target, webless: true } : target,
    formation,
    create: types.map((type) => planService(input, type)),
    retire: app.live,
    times: releaseTimes(release),
  };
}

function webless({ image, processTypes }: ReleaseRecord): boolean {
  return image !== null && !Object.hasOwn(processTypes, 'web');
}

/**
 * Returns the Swarm service of one process type in one generation; it exists even with quantity 0, so that scaling is
 * one step.
 */
function planService(input: RolloutInput, type: string): ServiceSpec {
  const { app, target, release, formation, port, networks, confined } = input;
  const size = formation[type]!;
  const labels = {
    [label.kind]: KIND.process,
    [label.app]: app.id,
    [label.type]: type,
    [label.release]: String(target.release),
    [label.generation]: generationId(app.id, target),
    ...(type === 'web' ? { [label.port]: String(port) } : {}),
  };
  return {
    name: serviceName(app.id, type, target),
    labels,
    containerLabels: labels,
    image: input.image?.reference ?? release.image ?? '',
    ...(input.image?.auth ? { registryAuth: input.image.auth } : {}),
    ...processCommand(release, own(release.processTypes, type) ?? null),
    env: releaseEnvironment(release, { appName: app.name, dyno: `${type}.{{.Task.Slot}}`, port }, escapeTemplate),
    hostname: `${type.replace(/[^a-zA-Z0-9]/g, '-')}-{{.Task.Slot}}`,
    ...processPrivileges(release, { confined }),
    // Buildpack images have their own init, which signals every process of the group.
    init: release.kind !== 'buildpacks',
    // The platform has its own checks; Swarm would replace a process whose image checks a port of its own choice.
    healthcheck: 'none',
    noNewPrivileges: true,
    networks: [{ id: networks.app, aliases: [type] }, ...(type === 'web' ? [{ id: networks.proxy }] : [])],
    replicas: size.quantity,
    limits: { memoryBytes: size.memoryBytes, cpus: size.cpus, pids: 1024 },
    reservations: { memoryBytes: reservedMemory(size.memoryBytes) },
    spreadOver: SPREAD_OVER_ZONES,
    endpointMode: 'dnsrr',
    restart: { condition: 'any', delayMs: 1000 },
    stopGraceMs: releaseTimes(release).stopMs,
    updateOrder: type === 'web' ? 'start-first' : 'stop-first',
    logOptions: LOG_LIMITS,
  };
}
