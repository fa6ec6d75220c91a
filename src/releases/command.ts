import type { ReleaseRecord } from '#store';

interface ProcessCommand {
  readonly entrypoint?: readonly string[];
  readonly args?: readonly string[];
}

/**
 * How to start a command line of a release. Buildpack images have a launcher as entrypoint, which takes the line as one
 * argument; other images run it in their shell, or their default command if there is no line.
 */
export function processCommand(release: Pick<ReleaseRecord, 'kind'>, line: string | null): ProcessCommand {
  if (line === null) return {};
  return release.kind === 'buildpacks' ? { args: [line] } : { entrypoint: ['/bin/sh', '-c', line], args: [] };
}

/** Files may carry this one: without it in the bounding set, a program such as CoreDNS does not start at all. */
const BIND = 'CAP_NET_BIND_SERVICE';
const AS_ROOT = [BIND, 'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_KILL'];
const SWITCH_USERS = ['CAP_SETGID', 'CAP_SETUID'];

/**
 * Capabilities of an app's processes. Only images that start as root need some; in others, nothing but a setuid program
 * could gain them. `confined`: whether no-new-privileges is in force. Without it, a process that starts as root cannot
 * switch users, so that no process of another user exists that could become root again.
 */
export function processPrivileges(
  release: Pick<ReleaseRecord, 'kind' | 'imageUser'>,
  { confined }: { confined: boolean },
): { capDrop: string[]; capAdd: string[] } {
  const others = release.kind === 'buildpacks' ? [] : [BIND];
  const capAdd = startsAsRoot(release) ? [...AS_ROOT, ...(confined ? SWITCH_USERS : [])] : others;
  return { capDrop: ['ALL'], capAdd };
}

export function startsAsRoot({ kind, imageUser = '' }: Pick<ReleaseRecord, 'kind' | 'imageUser'>): boolean {
  return kind !== 'buildpacks' && /^(root|0*)(:|$)/.test(imageUser);
}
