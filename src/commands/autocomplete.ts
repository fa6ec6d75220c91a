import * as Args from '@oclif/core/args';
import { BaseCommand } from '#cli/command/base-command.ts';
import { completionScript, SHELLS } from '#cli/completion/script.ts';

export default class Autocomplete extends BaseCommand {
  static override summary = 'Print a shell completion script';
  static override description =
    'Completes commands, flags, and names of apps, process types, processes, nodes and ' +
    'contexts when you press Tab. Add the line for your shell to its startup file.';
  static override examples = [
    'source <(mothership autocomplete bash)',
    'source <(mothership autocomplete zsh)',
    'mothership autocomplete fish | source',
  ];
  static override args = {
    shell: Args.string({ description: 'bash, zsh or fish', options: [...SHELLS], ignoreStdin: true, required: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Autocomplete);
    const script = await completionScript(args.shell);
    this.print({ shell: args.shell, script }, () => script.trimEnd().split('\n'));
  }
}
