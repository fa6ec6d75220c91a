import { KIND } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import type { Containers } from '#engine';
import { fail } from '#errors';
import { labelsOf } from '../names.ts';

/** Facts about the engine's machine, observed from a container. */
export interface NodeProbe {
  /** Whether the kernel can balance service addresses, which Swarm's ingress mesh needs. */
  readonly ipvs: boolean;
  /** The file system that holds images and containers. */
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  /** Size of the machine's swap; 0 if it is off. */
  readonly swapBytes: number;
  /** That machine's clock in milliseconds since the epoch, in whole seconds. */
  readonly time: number;
}

/** Constant, without data. IPVS is loaded, built in, or available as a module. */
const SCRIPT = [
  'release=$(uname -r)',
  'if test -e /sys/module/ip_vs || grep -qs "/ip_vs\\.ko" ' +
    '"/host-lib/modules/$release/modules.dep" "/host-lib/modules/$release/modules.builtin"; ' +
    'then echo ipvs yes; else echo ipvs no; fi',
  'df -Pk / | tail -n 1 | { read -r _ size _ free _; echo "disk $size"; echo "free $free"; }',
  'grep SwapTotal /proc/meminfo | { read -r _ swap _; echo "swap $swap"; }',
  'echo "time $(date +%s)"',
].join('\n');

/** `image`: any platform image. */
export async function probeNode(engine: Containers, cluster: string, image: string): Promise<NodeProbe> {
  const id = await engine.createContainer({
    name: newContainerName(KIND.probe),
    image,
    labels: labelsOf(cluster, KIND.probe),
    entrypoint: ['/bin/sh', '-c', SCRIPT],
    env: {},
    mounts: [{ type: 'bind', source: '/lib', target: '/host-lib', readOnly: true }],
    networks: [{ id: 'none' }],
  });
  try {
    await engine.startContainer(id);
    const code = await engine.waitContainer(id);
    if (code !== 0)
      throw fail('ENGINE_FAILED', { action: 'inspect its machine', why: `the probe ended with exit code ${code}` });
    return parse(await linesOf(engine, id));
  } finally {
    await engine.removeContainer(id);
  }
}

async function linesOf(engine: Containers, id: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of engine.containerLogs(id, {})) lines.push(line);
  return lines;
}

function parse(lines: readonly string[]): NodeProbe {
  const values = new Map(lines.map((line) => line.trim().split(' ') as [string, string]));
  const number = (name: string): number => Number(values.get(name) ?? 0);
  return {
    ipvs: values.get('ipvs') === 'yes',
    diskBytes: number('disk') * 1024,
    diskFreeBytes: number('free') * 1024,
    swapBytes: number('swap') * 1024,
    time: number('time') * 1000,
  };
}
