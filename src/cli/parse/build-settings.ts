import type { Body, BuildSettings } from '#api';
import { formatCpus, formatMemory } from '#values/size.ts';
import { fail } from '#errors';
import { BaseCommand } from '../command/base-command.ts';
import { formatEnv } from './env-file.ts';
import { fields, heading } from '../output/table.ts';
import type { Paint } from '../output/text.ts';

/** A command that changes build settings. Never prints values, since output ends up in logs. */
export abstract class BuildSettingsCommand extends BaseCommand {
  protected async change(verb: string, changes: Body<'buildSettingsUpdate'>): Promise<void> {
    const { env = {}, registries = {}, registryLogins = {}, ...limits } = changes;
    const names = [env, limits, registries, registryLogins].flatMap((named) => Object.keys(named));
    if (names.length === 0)
      throw fail('USAGE_INVALID', {
        why: 'Specify at least one variable or flag',
        command: this.id ?? 'builds:settings',
      });
    await this.step(
      `${verb} ${names.length > 5 ? `${names.length} build settings` : names.join(', ')} for builds`,
      this.call('buildSettingsUpdate', { body: changes }),
    );
    this.print({ changed: names });
  }
}

export function describeSettings(
  { env, registries, registryLogins, slots, cacheBytes, memoryBytes, cpus, diskBytes, seconds }: BuildSettings,
  paint: Paint,
): string[] {
  const variables = formatEnv(env).split('\n').slice(0, -1);
  return [
    heading('Builds', paint),
    '',
    ...fields(
      {
        'Builds per builder': slots === null ? 'as many as fit' : String(slots),
        'Cache size per node': cacheBytes === null ? 'a fifth of its disk, 2 to 50 GB' : formatMemory(cacheBytes),
        'Memory per build': formatMemory(memoryBytes),
        Cores: formatCpus(cpus),
        Disk: formatMemory(diskBytes),
        Time: `${seconds} s`,
        Variables: variables.join('\n') || undefined,
        'Allowed registries': registries.join('\n') || undefined,
        'Registry logins':
          Object.entries(registryLogins)
            .map(([host, user]) => `${host} (${user})`)
            .join('\n') || undefined,
      },
      paint,
    ),
  ];
}
