import { statfs } from 'node:fs/promises';
import type { IsolationState } from './isolation.ts';
import { freemem, loadavg, totalmem, uptime } from 'node:os';

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
}

/** `root` can be any path on the engine's disk; the agent's own root is, since its container's layers are there. */
export async function nodeReport(root = '/'): Promise<NodeReport> {
  const disk = await statfs(root);
  return {
    disk: { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    load: loadavg() as [number, number, number],
    memory: { total: totalmem(), available: freemem() },
    uptime: Math.round(uptime()),
  };
}
