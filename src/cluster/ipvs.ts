import type { Engine } from '../engine/index.ts';
import { kind, labelsOf } from './names.ts';

/** Loaded, built in, or to be had as a module: exit code 0. Constant text, no data in it. */
const PROBE = 'test -e /sys/module/ip_vs || grep -qs "/ip_vs\\.ko" "/host-lib/modules/$(uname -r)/modules.dep" "/host-lib/modules/$(uname -r)/modules.builtin"';

/** Whether the kernel below the engine can balance service addresses; Swarm's ingress mesh needs it. */
export async function hasIpvs(engine: Engine, cluster: string, image: string): Promise<boolean> {
  const id = await engine.createContainer({
    image,
    labels: labelsOf(cluster, kind.probe),
    entrypoint: ['/bin/sh', '-c', PROBE],
    env: {},
    mounts: [{ type: 'bind', source: '/lib', target: '/host-lib', readOnly: true }],
    networks: [{ id: 'none' }],
  });
  try {
    await engine.startContainer(id);
    return (await engine.waitContainer(id)) === 0;
  } finally {
    await engine.removeContainer(id);
  }
}
