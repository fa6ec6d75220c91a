import * as Flags from '@oclif/core/flags';
import { AppCommand } from '#cli/command/base-command.ts';
import { formatEnv } from '#cli/parse/env-file.ts';
import { fields, heading } from '#cli/output/table.ts';

export default class ConfigIndex extends AppCommand {
  static override summary = 'Show the config vars of an app';
  static override description =
    'Shows all config vars with their values. A shell, or `config:set --from-env`, can read the output of --shell.';
  static override examples = [
    'mothership config -a example-app',
    'mothership config --shell > .env',
    'mothership config --json',
  ];
  static override flags = {
    shell: Flags.boolean({
      char: 's',
      description: "Print KEY='value' lines, quoted for a shell",
      exclusive: ['json'],
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigIndex);
    const app = await this.app();
    const vars = sorted(await this.call('configGet', { params: { app } }));
    if (flags.shell) return this.printRaw(vars, formatEnv(vars));
    this.print(vars, (paint) => [heading(`${app} Config Vars`, paint), '', ...fields(vars, paint)]);
  }
}

function sorted(vars: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).sort(([a], [b]) => (a < b ? -1 : 1)));
}
