import * as Flags from '@oclif/core/flags';
import { BuildSettingsCommand } from '#cli/parse/build-settings.ts';

export default class BuildsSettingsUnset extends BuildSettingsCommand {
  static override summary = 'Remove settings for builds of all apps';
  static override description =
    'Removes variables by name and resets limits to their defaults by flag. Requires an admin token.';
  static override examples = [
    'mothership builds:settings:unset PIP_INDEX_URL',
    'mothership builds:settings:unset --slots --memory',
  ];
  static override strict = false;
  static override usage =
    'builds:settings:unset [NAME...] [--slots] [--cache] [--memory] [--cpus] [--disk] [--timeout]';
  static override flags = {
    slots: Flags.boolean({ description: 'Reset concurrent builds to what fits on the builder' }),
    cache: Flags.boolean({ description: "Reset the cache size to its default for the node's disk" }),
    memory: Flags.boolean({ description: 'Reset the memory limit' }),
    cpus: Flags.boolean({ description: 'Reset the CPU limit' }),
    disk: Flags.boolean({ description: 'Reset the disk limit' }),
    timeout: Flags.boolean({ description: 'Reset the timeout' }),
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
    await this.change('Unsetting', {
      ...Object.fromEntries(gone),
      env: Object.fromEntries((argv as string[]).map((name) => [name, null])),
    });
  }
}
