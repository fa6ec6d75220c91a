import { BaseCommand } from '#cli/command/base-command.ts';

export default class Commands extends BaseCommand {
  static override summary = 'List all commands';
  static override description = 'Lists every command with its summary; with --json also its aliases.';
  static override examples = ['mothership commands', 'mothership commands --json'];

  async run(): Promise<void> {
    await this.parse(Commands);
    const visible = (await this.cli.commands.summaries()).filter(({ hidden }) => !hidden);
    const rows = visible.map(({ id, summary, aliases }) => ({ id, summary, aliases }));
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    const width = Math.max(...rows.map(({ id }) => id.length)) + 2;
    this.print(rows, () => rows.map(({ id, summary }) => id.padEnd(width) + summary));
  }
}
