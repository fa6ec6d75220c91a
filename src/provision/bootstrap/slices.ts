import { BUILDS_SLICE, BUILDS_SLICE_TEXT, BUILDS_SLICE_UNIT } from '#nodes';
import type { Machine } from '../machine.ts';
import { DAEMON_JSON, withoutOldGroups } from './daemon-json.ts';

/** Files written by versions up to 0.1: the slice of all containers, and containerd's CPU limit. */
const OLD_SLICE_UNIT = '/etc/systemd/system/mothership.slice';
const OLD_CONTAINERD_DROP_IN = '/etc/systemd/system/containerd.service.d/60-mothership.conf';
/** In the first lines of every unit that Mothership writes. */
const OURS = '(Mothership)';

/** A host's slices as observed; files are undefined if missing. */
export interface ObservedSlices {
  /** Whether the host has systemd and cgroup v2, so that the engine can put containers into slices. */
  readonly supported: boolean;
  readonly unit: string | undefined;
  readonly active: boolean;
  readonly oldSlice: string | undefined;
  readonly oldDropIn: string | undefined;
  readonly daemonJson: string | undefined;
}

export type SliceStep =
  | {
      readonly kind: 'write';
      readonly title: string;
      readonly path: string;
      readonly content: Buffer;
      readonly mode: number;
    }
  | { readonly kind: 'remove'; readonly title: string; readonly path: string }
  | { readonly kind: 'slice'; readonly title: string };

export async function observeSlices(machine: Machine): Promise<ObservedSlices> {
  const succeeds = async (argv: readonly string[]): Promise<boolean> => (await machine.run(argv)).code === 0;
  const [systemd, unified, active, unit, oldSlice, oldDropIn, daemonJson] = await Promise.all([
    succeeds(['test', '-d', '/run/systemd/system']),
    succeeds(['test', '-f', '/sys/fs/cgroup/cgroup.controllers']),
    succeeds(['systemctl', 'is-active', '--quiet', BUILDS_SLICE]),
    machine.readFile(BUILDS_SLICE_UNIT),
    machine.readFile(OLD_SLICE_UNIT),
    machine.readFile(OLD_CONTAINERD_DROP_IN),
    machine.readFile(DAEMON_JSON),
  ]);
  return { supported: systemd && unified, unit, active, oldSlice, oldDropIn, daemonJson };
}

/**
 * Returns the steps that create the builds slice and remove files of older versions. Never restarts the engine. Pure.
 */
export function sliceSteps(found: ObservedSlices): SliceStep[] {
  return [...cleaningSteps(found), ...(found.supported ? buildsSteps(found) : [])];
}

function buildsSteps({ unit, active }: ObservedSlices): SliceStep[] {
  if (unit === BUILDS_SLICE_TEXT && active) return [];
  const content = Buffer.from(BUILDS_SLICE_TEXT);
  return [
    ...(unit === BUILDS_SLICE_TEXT
      ? []
      : [{ kind: 'write', title: "Write the builds' slice", path: BUILDS_SLICE_UNIT, content, mode: 0o644 } as const]),
    { kind: 'slice', title: "Start the builds' slice" },
  ];
}

/** Removes what versions up to 0.1 wrote. */
export function cleaningSteps({ oldSlice, oldDropIn, daemonJson }: ObservedSlices): SliceStep[] {
  const title = 'Remove a setting of an older version';
  const cleaned = withoutOldGroups(daemonJson);
  const units = [
    [OLD_SLICE_UNIT, oldSlice],
    [OLD_CONTAINERD_DROP_IN, oldDropIn],
  ] as const;
  return [
    ...units.flatMap(([path, text]) => (text?.includes(OURS) ? [{ kind: 'remove', title, path } as const] : [])),
    ...(cleaned === undefined
      ? []
      : [{ kind: 'write', title, path: DAEMON_JSON, content: Buffer.from(cleaned), mode: 0o644 } as const]),
  ];
}

/** Throws MACHINE_FILE_FAILED. */
export async function applySliceStep(machine: Machine, step: SliceStep): Promise<void> {
  const root = (...argv: string[]) => machine.run(machine.asRoot(argv));
  switch (step.kind) {
    case 'write':
      return machine.writeFile(step.path, step.content, { mode: step.mode });
    case 'remove':
      await root('rm', '-f', '--', step.path);
      await root('systemctl', 'daemon-reload');
      if (step.path === OLD_CONTAINERD_DROP_IN) await useAllProcessors(machine, 'containerd.service');
      return;
    case 'slice':
      await root('systemctl', 'daemon-reload');
      return void (await root('systemctl', 'start', BUILDS_SLICE));
  }
}

/**
 * Until the next boot: a running service keeps the processors of a removed setting, and an empty one resets nothing.
 */
async function useAllProcessors(machine: Machine, service: string): Promise<void> {
  const online = (await machine.readFile('/sys/devices/system/cpu/online'))?.trim();
  if (online)
    await machine.run(machine.asRoot(['systemctl', 'set-property', '--runtime', service, `AllowedCPUs=${online}`]));
}

/** Removes the builds slice. */
export async function removeBuildsSlice(machine: Machine): Promise<void> {
  const root = (...argv: string[]) => machine.run(machine.asRoot(argv));
  if ((await machine.readFile(BUILDS_SLICE_UNIT)) === undefined) return;
  await root('systemctl', 'stop', BUILDS_SLICE);
  await root('rm', '-f', '--', BUILDS_SLICE_UNIT);
  await root('systemctl', 'daemon-reload');
}
