/**
 * The systemd slice of all builds of a node. Its name makes it a part of `system.slice`, where Docker puts containers:
 * a slice that begins with `mothership-` would be a part of `mothership.slice`, and that slice's weight would count.
 * Source: systemd.slice(5).
 */
export const BUILDS_SLICE = 'system-mothership_builds.slice';
export const BUILDS_SLICE_UNIT = `/etc/systemd/system/${BUILDS_SLICE}`;

/**
 * Builds run on processor time that nothing else in `system.slice` wants. systemd before 252 does not know `idle` and keeps
 * the line before it. Source: systemd.resource-control(5).
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
