import { BaseCommand } from '#cli/command/base-command.ts';

export default class Version extends BaseCommand {
  static override summary = 'Show the version';
  static override description = 'Prints the version, the platform and the version of Node.js; `--version` is the same.';
  static override examples = ['mothership version', 'mothership version --json'];

  async run(): Promise<void> {
    await this.parse(Version);
    const { version, userAgent } = this.cli;
    this.print({ version, platform: process.platform, architecture: process.arch, node: process.version }, () => [
      userAgent,
    ]);
  }
}
