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

/** Capabilities of an app's processes: other images may start as root and then switch users. */
export function processPrivileges(release: Pick<ReleaseRecord, 'kind'>): { capDrop: string[]; capAdd: string[] } {
  const stepDown = [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_NET_BIND_SERVICE',
    'CAP_KILL',
  ];
  return { capDrop: ['ALL'], capAdd: release.kind === 'buildpacks' ? [] : stepDown };
}
