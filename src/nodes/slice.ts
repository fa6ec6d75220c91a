/**
 * Where an engine that we install puts all containers but builds. The engine itself is in systemd's `system.slice`, whose
 * weight is 100: when both want the processors, what serves gets sixteen of seventeen parts and the engine the seventeenth,
 * however many containers there are. With weights per container a busy node would leave it nothing, and Swarm would call
 * the node lost.
 */
export const SLICE = 'mothership.slice';
export const SLICE_UNIT = `/etc/systemd/system/${SLICE}`;

/** Source: systemd.resource-control(5). */
export const SLICE_TEXT = `[Unit]
Description=Containers go before the engine (Mothership)
Before=docker.service

[Slice]
CPUWeight=1600

[Install]
WantedBy=multi-user.target
`;

/** Settings for the unit of containerd, which starts runc and a shim for each container; containers themselves are in their slice. */
export const CONTAINERD_DROP_IN = '/etc/systemd/system/containerd.service.d/60-mothership.conf';

/** A machine's processors but the first, which is the apps', as the kernel lists them: `1`, `1-3`. Undefined where there is one. */
export function allButFirst(cpus: number): string | undefined {
  if (cpus < 2) return undefined;
  return cpus === 2 ? '1' : `1-${cpus - 1}`;
}

/**
 * Like builds, containerd leaves the first processor to apps: what runc asks of the kernel nobody interrupts for milliseconds.
 * dockerd stays on all, since Swarm takes those that it may use for the machine's. Undefined where there is one.
 */
export function containerdText(cpus: number): string | undefined {
  const allowed = allButFirst(cpus);
  return allowed && `# Leaves the first processor to apps (Mothership)\n[Service]\nAllowedCPUs=${allowed}\n`;
}

/** An engine's label that says in which control group builds are: beside the engine, which goes before them. Without it they are where all containers are. */
export const BUILDS_GROUP_LABEL = 'mothership.builds-group';
export const BUILDS_GROUP = 'system.slice';
