import { bringUp } from '../test/fixtures/cluster-fixture.ts';
import type { Cluster } from '../test/fixtures/cluster.ts';
import { cleanup } from '../test/lab/index.ts';

/** Runs `work` on a cluster of its own, on a lab node, and removes it whatever happens. MOTHERSHIP_BENCH_KEEP=NAME keeps it. */
export async function onCluster(name: string, work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const keep = process.env['MOTHERSHIP_BENCH_KEEP'];
  const cluster = await bringUp(name, keep);
  try {
    await work(cluster);
  } finally {
    if (!keep) await cleanup(cluster.node.runId);
  }
}
