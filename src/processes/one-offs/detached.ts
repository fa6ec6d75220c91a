import { KIND } from '#labels.ts';
import { oneOffServiceName } from '#ownership.ts';
import { LOG_LIMITS, type ServiceSpec } from '#engine';
import type { ServiceImage } from '#registry';
import { escapeTemplate, processPrivileges, releaseEnvironment, releaseTimes } from '#releases';
import { reservedMemory } from '#rollout';
import { commandLine } from '../command-line.ts';
import { oneOffCommand, oneOffLabels, type OneOffInput } from './one-off.ts';

export interface DetachedInput extends Omit<OneOffInput, 'tty' | 'terminal' | 'stdin'> {
  /** Where nodes get the image; undefined on a single node, which has it. */
  readonly image: ServiceImage | undefined;
  /** Whether every node's engine keeps setuid programs in services from gaining privileges. */
  readonly confined: boolean;
}

/**
 * Returns a service that runs one command to its end, on whichever node has room, and never again: one task, restart
 * condition `none`. Swarm's own jobs do not hold that: each manager that led once runs them again
 * (moby/moby#53632). Pure.
 */
export function planDetached(input: DetachedInput): ServiceSpec {
  const { app, release, name, image, confined, size } = input;
  const labels = oneOffLabels(input, KIND.detached);
  const { entrypoint, command } = oneOffCommand(release, commandLine(input.command));
  const own = Object.entries(input.env).map(([key, value]) => [key, escapeTemplate(value)]);
  return {
    name: oneOffServiceName(app.id, name),
    labels,
    containerLabels: labels,
    image: image?.reference ?? release.image ?? '',
    ...(image?.auth ? { registryAuth: image.auth } : {}),
    ...(entrypoint ? { entrypoint } : {}),
    ...(command ? { args: command } : {}),
    env: {
      ...releaseEnvironment(release, { appName: app.name, dyno: name, port: input.port }, escapeTemplate),
      ...Object.fromEntries(own),
    },
    ...processPrivileges(release, { confined }),
    init: release.kind !== 'buildpacks',
    healthcheck: 'none',
    noNewPrivileges: true,
    networks: [{ id: input.network }],
    replicas: 1,
    limits: { memoryBytes: size.memoryBytes, cpus: size.cpus, pids: 1024 },
    reservations: { memoryBytes: reservedMemory(size.memoryBytes) },
    endpointMode: 'dnsrr',
    restart: { condition: 'none', delayMs: 0 },
    stopGraceMs: releaseTimes(release).stopMs,
    logOptions: LOG_LIMITS,
  };
}
