import type { ReleaseRecord } from '../store/index.ts';

export interface ProcessCommand {
  readonly entrypoint?: readonly string[];
  readonly args?: readonly string[];
}

/**
 * How a command line of a release is started. Images made by buildpacks have a launcher as entrypoint, which takes
 * the line as one argument; in other images a line goes to their shell, and no line means what the image says.
 */
export function processCommand(release: Pick<ReleaseRecord, 'kind'>, line: string | null): ProcessCommand {
  if (line === null) return {};
  return release.kind === 'buildpacks' ? { args: [line] } : { entrypoint: ['/bin/sh', '-c', line], args: [] };
}

/** What an app's processes may do beyond nothing: images of others may start as root and step down. */
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
