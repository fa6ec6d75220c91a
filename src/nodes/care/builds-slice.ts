/**
 * The systemd slice of a node's builds. The name puts it inside `system.slice`, where Docker's containers are: a slice
 * named `mothership-…` would be inside `mothership.slice`, whose own weight would apply. Source: systemd.slice(5).
 */
export const BUILDS_SLICE = 'system-mothership_builds.slice';
export const BUILDS_SLICE_UNIT = `/etc/systemd/system/${BUILDS_SLICE}`;

/**
 * Builds only use CPU time that nothing else in `system.slice` needs. systemd before 252 does not support `idle` and
 * keeps the previous line. Source: systemd.resource-control(5).
 */
export const BUILDS_SLICE_TEXT = `[Unit]
Description=Builds (Mothership)

[Slice]
CPUWeight=1
CPUWeight=idle
IOWeight=1
MemoryHigh=80%
MemoryMax=90%
TasksMax=50%
`;
