import * as Flags from '@oclif/core/flags';
import { BuildSettingsCommand } from '../../../cli/parse/build-settings.ts';

export default class BuildsSettingsUnset extends BuildSettingsCommand {
  static override summary = 'Take away what was set for the builds of all apps';
  static override description =
    'Takes away variables by their names, and limits by their flags: these are again as Mothership has them. For admins.';
  static override examples = [
    'mothership builds:settings:unset PIP_INDEX_URL',
    'mothership builds:settings:unset --slots --memory',
  ];
  static override strict = false;
  static override usage =
    'builds:settings:unset [NAME...] [--slots] [--cache] [--memory] [--cpus] [--disk] [--timeout]';
  static override flags = {
    slots: Flags.boolean({ description: 'Builds at a time follow from the builder' }),
    cache: Flags.boolean({ description: "The limit of caches follows from the node's disk" }),
    memory: Flags.boolean({ description: 'The usual memory of a build' }),
    cpus: Flags.boolean({ description: 'The usual cores of a build' }),
    disk: Flags.boolean({ description: 'The usual disk of a build' }),
    timeout: Flags.boolean({ description: 'The usual time of a build' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(BuildsSettingsUnset);
    const limits = {
      slots: flags.slots,
      cacheBytes: flags.cache,
      memoryBytes: flags.memory,
      cpus: flags.cpus,
      diskBytes: flags.disk,
      seconds: flags.timeout,
    };
    const gone = Object.entries(limits)
      .filter(([, given]) => given)
      .map(([name]) => [name, null]);
    await this.change(flags, 'Unsetting', {
      ...Object.fromEntries(gone),
      env: Object.fromEntries((argv as string[]).map((name) => [name, null])),
    });
  }
}
