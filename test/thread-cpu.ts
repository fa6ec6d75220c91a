import { readFileSync } from 'node:fs';

/** Milliseconds that the thread of the event loop has computed: unlike time on a clock, the same on a busy machine. */
export function threadCpu(): number {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

/** How long `work` keeps the event loop's thread busy, in milliseconds. */
export async function cpuOf(work: () => unknown): Promise<number> {
  const before = threadCpu();
  await work();
  return threadCpu() - before;
}
