import { statfs } from 'node:fs/promises';
import type { IsolationState } from './isolation.ts';
import { freemem, loadavg, totalmem, uptime } from 'node:os';
import { missingSysctls } from './sysctls.ts';

/** A report about the node's machine; sizes in bytes, times in seconds. */
export interface NodeReport {
  /** The disk that holds images and containers. */
  readonly disk: { readonly total: number; readonly free: number };
  /** Load averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  readonly memory: { readonly total: number; readonly available: number };
  readonly uptime: number;
  /** Missing from agents of earlier versions. */
  readonly isolation?: IsolationState;
  /** What Dockerfile builds need changed, such as `kernel.unprivileged_userns_clone=1`. Missing from earlier agents. */
  readonly missingSysctls?: string[];
}

/** `root` can be any path on the engine's disk; the agent's own root is, since its container's layers are there. */
export async function nodeReport(root = '/'): Promise<NodeReport> {
  const disk = await statfs(root);
  return {
    disk: { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    load: loadavg() as [number, number, number],
    memory: { total: totalmem(), available: freemem() },
    uptime: Math.round(uptime()),
    missingSysctls: await missingSysctls(),
  };
}
