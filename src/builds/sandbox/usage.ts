import { type Execs, runInContainer } from '#engine';
import { fail } from '#errors';
import { readLines } from './output.ts';

/** Where a container finds the counter of refused processes, with version 1 and version 2 of control groups. */
const PIDS_EVENTS = ['/sys/fs/cgroup/pids/pids.events', '/sys/fs/cgroup/pids.events'];
/** A file that was removed while `du` ran: the total is right without it. */
const REMOVED = /: No such file or directory$/;
/** `du` gives up, and prints no total, when a folder that it is in is moved or removed. */
const ATTEMPTS = 5;

/**
 * How often the kernel refused a running container another process.
 * Source: Documentation/admin-guide/cgroup-v2.rst, `pids.events`. Undefined when it cannot be read, e.g. without `cat`.
 */
export async function refusedProcesses(engine: Execs, container: string): Promise<number | undefined> {
  let refused: number | undefined;
  const hear = (line: string): void => {
    const [, count] = /^max (\d+)$/.exec(line) ?? [];
    if (count !== undefined) refused = Number(count);
  };
  const read = (stream: Parameters<typeof readLines>[0]): Promise<void> => readLines(stream, hear);
  await runInContainer(engine, container, { command: ['cat', ...PIDS_EVENTS], read }).catch(() => undefined);
  return refused;
}

/**
 * Disk space of a folder in a running container, in bytes. `by`: a program that runs `du`. Throws BUILD_FAILED when it
 * cannot be measured.
 */
export async function folderBytes(
  engine: Execs,
  container: string,
  folder: string,
  by: readonly string[] = [],
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const { bytes, failure, removed } = await diskUsage(engine, container, [...by, 'du', '-sk', folder]);
    if (bytes !== undefined && failure === undefined) return bytes;
    if (failure !== undefined || removed === undefined || attempt === ATTEMPTS) {
      const why = failure ?? removed ?? 'du printed nothing';
      throw fail('BUILD_FAILED', { what: `${folder} cannot be measured: ${why}`, lines: [] });
    }
  }
}

interface DiskUsage {
  /** Undefined when `du` gave up. */
  bytes?: number;
  failure?: string;
  removed?: string;
}

async function diskUsage(engine: Execs, container: string, command: string[]): Promise<DiskUsage> {
  const said: DiskUsage = {};
  const hear = (line: string): void => {
    const [, kilobytes] = /^(\d+)\t/.exec(line) ?? [];
    if (kilobytes !== undefined) said.bytes = 1024 * Number(kilobytes);
    else if (REMOVED.test(line)) said.removed = line;
    else said.failure ??= line;
  };
  await runInContainer(engine, container, {
    command,
    env: { LC_ALL: 'C' },
    read: (stream) => readLines(stream, hear),
  });
  return said;
}
