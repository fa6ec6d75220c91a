import type { ContainerSpec } from '../engine/index.ts';
import type { FormationRecord, ReleaseRecord } from '../store/index.ts';
import { processCommand, processPrivileges, releaseEnvironment } from '../releases/index.ts';
import { KIND, label } from '../rollout/index.ts';

export interface OneOffInput {
  readonly app: { readonly id: string; readonly name: string };
  readonly release: ReleaseRecord;
  /** `run.1234`; `release.7` for a release command. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly size: Pick<FormationRecord, 'memoryBytes' | 'cpus'>;
  readonly port: number;
  /** The app's network: one-offs reach its processes and add-ons. */
  readonly network: string;
}

/** A container that runs one command in a release's image and environment; pure. */
export function planOneOff(input: OneOffInput): ContainerSpec {
  const { app, release, name } = input;
  const asIs = (value: string): string => value;
  return {
    name: `${app.id}-${name.replace('.', '-')}`,
    image: release.image ?? '',
    labels: {
      [label.kind]: KIND.run,
      [label.app]: app.id,
      [label.type]: name,
      [label.release]: String(release.version),
    },
    ...oneOffCommand(release, input.command),
    env: { ...releaseEnvironment(release, { appName: app.name, dyno: name, port: input.port }, asIs), ...input.env },
    networks: [{ id: input.network }],
    limits: { memoryBytes: input.size.memoryBytes, cpus: input.size.cpus, pids: 1024 },
    ...processPrivileges(release),
    noNewPrivileges: true,
    init: release.kind !== 'buildpacks',
    tty: input.tty,
    openStdin: input.stdin,
  };
}

/** One word is a command line for the shell, as on Heroku; several words are an argv that no shell changes or outlives. */
function oneOffCommand(
  release: ReleaseRecord,
  command: readonly string[],
): { entrypoint?: string[]; command?: string[] } {
  const line = command.length === 1 ? command[0]! : `exec ${command.map(quote).join(' ')}`;
  const { entrypoint, args } = processCommand(release, line);
  return {
    ...(entrypoint ? { entrypoint: [...entrypoint] } : {}),
    ...(args && args.length > 0 ? { command: [...args] } : {}),
  };
}

/** POSIX shell quoting (XCU 2.2.2): within single quotes every character stands for itself. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
