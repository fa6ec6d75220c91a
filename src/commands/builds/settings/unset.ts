import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../cli/base-command.ts';
import { describeSettings } from '../../../cli/build-settings.ts';
import { fail } from '../../../errors/index.ts';

export default class BuildsSettingsUnset extends BaseCommand {
  static override summary = 'Take away what was set for the builds of all apps';
  static override description = 'Takes away variables by their names, and limits by their flags: these are again as Mothership has them. For admins.';
  static override examples = ['mothership builds:settings:unset PIP_INDEX_URL', 'mothership builds:settings:unset --slots --memory'];
  static override strict = false;
  static override usage = 'builds:settings:unset [NAME...] [--slots] [--cache] [--memory] [--cpus] [--disk] [--timeout]';
  static override flags = {
    slots: Flags.boolean({ description: 'Builds at a time follow from the builder' }),
    cache: Flags.boolean({ description: 'The limit of caches follows from the node\'s disk' }),
    memory: Flags.boolean({ description: 'The usual memory of a build' }),
    cpus: Flags.boolean({ description: 'The usual cores of a build' }),
    disk: Flags.boolean({ description: 'The usual disk of a build' }),
    timeout: Flags.boolean({ description: 'The usual time of a build' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(BuildsSettingsUnset);
    const limits = { slots: flags.slots, cacheBytes: flags.cache, memoryBytes: flags.memory, cpus: flags.cpus, diskBytes: flags.disk, seconds: flags.timeout };
    const gone = Object.entries(limits).filter(([, given]) => given).map(([name]) => [name, null]);
    if (argv.length === 0 && gone.length === 0) throw fail('USAGE_INVALID', { why: 'Nothing to unset was given', command: 'builds:settings:unset' });
    const env = Object.fromEntries((argv as string[]).map((name) => [name, null]));
    const settings = await (await this.api(flags)).call('buildSettingsUpdate', { body: { ...Object.fromEntries(gone), env } });
    this.print(flags, settings, (paint) => describeSettings(settings, paint));
  }
}
