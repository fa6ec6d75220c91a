import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem, uptime } from 'node:os';

/** What an agent tells of its machine; bytes and seconds. */
export interface NodeReport {
  /** Where the engine keeps images and containers. */
  readonly disk: { readonly total: number; readonly free: number };
  /** Processes that run or want to: averages of 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  readonly memory: { readonly total: number; readonly available: number };
  readonly uptime: number;
}

/** `root` is any path on the engine's disk: the agent's own root is, because its container's layers lie there. */
export async function nodeReport(root = '/'): Promise<NodeReport> {
  const disk = await statfs(root);
  return {
    disk: { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    load: loadavg() as [number, number, number],
    memory: { total: totalmem(), available: freemem() },
    uptime: Math.round(uptime()),
  };
}
