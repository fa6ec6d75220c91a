import { type Execs, runInContainer } from '#engine';
import { fail } from '#errors';
import { readLines } from './output.ts';

/** Where a container finds the counter of refused processes, with version 1 and version 2 of control groups. */
const PIDS_EVENTS = ['/sys/fs/cgroup/pids/pids.events', '/sys/fs/cgroup/pids.events'];
/** A file that was removed while `du` ran: the total is right without it. */
const REMOVED = /: No such file or directory$/;

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
  let bytes: number | undefined;
  let failure: string | undefined;
  const hear = (line: string): void => {
    const [, kilobytes] = /^(\d+)\t/.exec(line) ?? [];
    if (kilobytes !== undefined) bytes = 1024 * Number(kilobytes);
    else if (!REMOVED.test(line)) failure ??= line;
  };
  await runInContainer(engine, container, {
    command: [...by, 'du', '-sk', folder],
    env: { LC_ALL: 'C' },
    read: (stream) => readLines(stream, hear),
  });
  if (bytes === undefined || failure !== undefined)
    throw fail('BUILD_FAILED', { what: `${folder} cannot be measured: ${failure ?? 'du printed nothing'}`, lines: [] });
  return bytes;
}
