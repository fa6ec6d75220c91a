import type { BuildSettings } from '../api/index.ts';
import { formatCpus, formatMemory } from '../api/size.ts';
import { formatEnv } from './shell-words.ts';
import { fields, heading } from './table.ts';
import type { Paint } from './text.ts';

export function describeSettings({ env, slots, cacheBytes, memoryBytes, cpus, diskBytes, seconds }: BuildSettings, paint: Paint): string[] {
  const variables = formatEnv(env).split('\n').slice(0, -1);
  return [heading('Builds', paint), '', ...fields({
    'At a time on a builder': slots === null ? 'as many as there is room for' : String(slots),
    'Caches of a node': cacheBytes === null ? 'a fifth of its disk, 2 to 50 GB' : formatMemory(cacheBytes),
    'Memory of a build': formatMemory(memoryBytes),
    'Cores': formatCpus(cpus),
    'Disk': formatMemory(diskBytes),
    'Time': `${seconds} s`,
    'Variables': variables.join('\n') || undefined,
  }, paint)];
}
