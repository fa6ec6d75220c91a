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

/** An engine's label that says in which control group builds are: beside the engine, which goes before them. Without it they are where all containers are. */
export const BUILDS_GROUP_LABEL = 'mothership.builds-group';
export const BUILDS_GROUP = 'system.slice';
