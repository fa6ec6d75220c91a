import * as Flags from '@oclif/core/flags';
import { ConfigCommand } from '#cli/command/config-command.ts';
import { fail } from '#errors';
import { readInput } from '#cli/parse/input.ts';
import { parseAssignment, parseEnv } from '#cli/parse/env-file.ts';

export default class ConfigSet extends ConfigCommand {
  static override summary = 'Set config vars';
  static override description =
    'Sets one or more config vars and creates a release. Values on the command line are ' +
    'visible to other users of this machine and stay in your shell history; read secrets from ' +
    'a file or from stdin (-) instead.';
  static override examples = [
    'mothership config:set RAILS_ENV=staging LOG_LEVEL=info -a example-app',
    'mothership config:set TLS_KEY --from-file key.pem',
    'pass show api-token | mothership config:set API_TOKEN --from-file -',
    'mothership config:set --from-env .env',
  ];
  static override strict = false;
  static override usage = 'config:set KEY=VALUE... [-a NAME] [--from-env PATH] [--from-file PATH]';
  static override flags = {
    // Not --env-file: Node 20 interprets that itself, anywhere on the command line.
    'from-env': Flags.string({ description: 'Read KEY=VALUE lines from a file, or - for stdin', helpValue: 'PATH' }),
    'from-file': Flags.string({
      description: 'Read the value of a single KEY from a file, or - for stdin; one trailing newline is removed',
      helpValue: 'PATH',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ConfigSet);
    const set = await this.#values(argv as string[], flags['from-env'], flags['from-file']);
    if (Object.keys(set).length === 0)
      throw fail('USAGE_INVALID', { why: 'Specify at least one config var', command: 'config:set' });
    await this.change('Setting', { set });
  }

  async #values(
    argv: string[],
    envFile: string | undefined,
    fromFile: string | undefined,
  ): Promise<Record<string, string>> {
    const fromEnvFile =
      envFile === undefined ? {} : parseEnv(await readInput(envFile, this.io), envFile === '-' ? 'stdin' : envFile);
    if (fromFile === undefined) return { ...fromEnvFile, ...Object.fromEntries(argv.map(parseAssignment)) };
    const keys = argv.filter((word) => !word.includes('='));
    if (keys.length !== 1 || (envFile === '-' && fromFile === '-'))
      throw fail('USAGE_INVALID', { why: '--from-file requires exactly one KEY', command: 'config:set' });
    const value = (await readInput(fromFile, this.io)).replace(/\r?\n$/, '');
    return {
      ...fromEnvFile,
      ...Object.fromEntries(argv.filter((word) => word.includes('=')).map(parseAssignment)),
      [keys[0]!]: value,
    };
  }
}
