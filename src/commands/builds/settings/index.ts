import { BaseCommand } from '#cli/command/base-command.ts';
import { describeSettings } from '#cli/parse/build-settings.ts';

export default class BuildsSettings extends BaseCommand {
  static override summary = 'Show the settings for builds of all apps';
  static override description =
    'Shows the variables that every build gets, such as mirror URLs, and the limits of ' +
    'builds. Requires an admin token.';
  static override examples = ['mothership builds:settings', 'mothership builds:settings --json'];

  async run(): Promise<void> {
    await this.parse(BuildsSettings);
    const settings = await this.call('buildSettingsInfo');
    this.print(settings, (paint) => describeSettings(settings, paint));
  }
}
