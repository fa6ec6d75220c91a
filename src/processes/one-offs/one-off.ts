import { KIND, label } from '#labels.ts';
import { oneOffContainerName } from '#ownership.ts';
import { LOG_LIMITS, type ContainerSpec } from '#engine';
import { shellWord } from '#values/shell.ts';
import type { FormationRecord, ReleaseRecord } from '#store';
import { processCommand, processPrivileges, releaseEnvironment } from '#releases';
import { commandLine, type TerminalSize } from '../command-line.ts';

export interface OneOffInput {
  readonly app: { readonly id: string; readonly name: string };
  readonly release: ReleaseRecord;
  /** `run.1234`; `release.7` for a release command. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tty: boolean;
  /** Of its terminal, if that is known. */
  readonly terminal?: TerminalSize | undefined;
  readonly stdin: boolean;
  readonly size: Pick<FormationRecord, 'memoryBytes' | 'cpus'>;
  readonly port: number;
  /** The app's network, for access to its processes and add-ons. */
  readonly network: string;
}

/** Returns a container that runs one command with a release's image and environment. Pure. */
export function planOneOff(input: OneOffInput): ContainerSpec {
  const { app, release, name } = input;
  const asIs = (value: string): string => value;
  return {
    name: oneOffContainerName(app.id, name),
    image: release.image ?? '',
    labels: oneOffLabels(input, KIND.run),
    ...oneOffCommand(release, commandLine(input.command, input.terminal)),
    env: { ...releaseEnvironment(release, { appName: app.name, dyno: name, port: input.port }, asIs), ...input.env },
    networks: [{ id: input.network }],
    limits: { memoryBytes: input.size.memoryBytes, cpus: input.size.cpus, pids: 1024 },
    ...processPrivileges(release, { confined: true }),
    noNewPrivileges: true,
    init: release.kind !== 'buildpacks',
    healthcheck: 'none',
    logOptions: LOG_LIMITS,
    tty: input.tty,
    openStdin: input.stdin,
  };
}

/** Longer command lines are cut in lists. */
const SHOWN = 200;

export function oneOffLabels(
  { app, release, name, command }: Pick<OneOffInput, 'app' | 'release' | 'name' | 'command'>,
  kind: string,
): Record<string, string> {
  const line = command.length === 1 ? command[0]! : command.map(shellWord).join(' ');
  return {
    [label.kind]: kind,
    [label.app]: app.id,
    [label.type]: name,
    [label.release]: String(release.version),
    [label.command]: line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line,
  };
}

export function oneOffCommand(release: ReleaseRecord, line: string): { entrypoint?: string[]; command?: string[] } {
  const { entrypoint, args } = processCommand(release, line);
  return {
    ...(entrypoint ? { entrypoint: [...entrypoint] } : {}),
    ...(args && args.length > 0 ? { command: [...args] } : {}),
  };
}
