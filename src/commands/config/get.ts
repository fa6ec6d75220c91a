import { own } from '#values/own.ts';
import * as Flags from '@oclif/core/flags';
import { fail } from '#errors';
import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { formatEnv } from '#cli/parse/env-file.ts';

export default class ConfigGet extends AppCommand {
  static override summary = 'Print the value of a config var';
  static override description =
    'Prints only the value, for use in scripts: unchanged, except that a terminal gets it without ' +
    'control characters. Fails if the config var is not set.';
  static override examples = [
    'mothership config:get DATABASE_URL -a example-app',
    'mothership config:get DATABASE_URL --shell',
  ];
  static override args = { key: requiredArg('Name of the config var') };
  static override flags = {
    shell: Flags.boolean({ char: 's', description: "Print KEY='value', quoted for a shell", exclusive: ['json'] }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigGet);
    const app = await this.app();
    const vars = await this.call('configGet', { params: { app } });
    const value = own(vars, args.key);
    if (value === undefined) throw fail('CONFIG_KEY_MISSING', { key: args.key, app });
    const text = flags.shell ? formatEnv({ [args.key]: value }) : `${value}\n`;
    this.printRaw({ [args.key]: value }, text);
  }
}
