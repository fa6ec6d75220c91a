import { ConfigCommand } from '#cli/command/config-command.ts';
import { requiredArg } from '#cli/program/args.ts';

export default class ConfigUnset extends ConfigCommand {
  static override summary = 'Unset config vars';
  static override description = 'Removes one or more config vars and creates a release.';
  static override examples = [
    'mothership config:unset RAILS_ENV -a example-app',
    'mothership config:unset RAILS_ENV LOG_LEVEL',
  ];
  static override aliases = ['config:remove'];
  static override strict = false;
  static override args = { key: requiredArg('Names of config vars') };

  async run(): Promise<void> {
    const { argv } = await this.parse(ConfigUnset);
    await this.change('Unsetting', { unset: argv as string[] });
  }
}
