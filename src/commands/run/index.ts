import * as Flags from '@oclif/core/flags';
import { ExitStatus } from '#cli/program/exit-status.ts';
import { OneOff } from '#cli/terminal/one-off.ts';
import { RunCommand, separateCommand } from '#cli/command/run-command.ts';

export default class RunIndex extends RunCommand {
  static override summary = 'Run a one-off process';
  static override description =
    "Runs a command from the app's current release with its config vars, connected to this " +
    "terminal or to pipes. Exits with the command's exit code. A single argument with spaces " +
    'is passed to bash.';
  static override examples = [
    'mothership run bash -a example-app',
    'mothership run -a example-app -- node -e "console.log(1)"',
    'mothership run rake db:migrate',
    'mothership run "cat > /tmp/in && wc -l /tmp/in" < data.csv',
  ];
  static override usage = 'run [-a NAME] [-e KEY=VALUE...] [--type TYPE] [--no-tty] COMMAND...';
  static override flags = {
    ...RunCommand.flags,
    'no-tty': Flags.boolean({ description: 'Do not allocate a terminal' }),
  };

  async run(): Promise<void> {
    const { own, command } = separateCommand(this.argv);
    const { flags } = await this.parse(RunIndex, own);
    const tty = !flags['no-tty'] && Boolean(this.io.stdin.isTTY && this.io.stdout.isTTY);
    this.progress.start(`Running ${command.join(' ')}`);
    const { app, run } = await this.create(flags, command, { tty });
    const socket = await (await this.api()).socket('runAttach', { app, run: run.id });
    if (tty) this.progress.done(`up, ${run.name}`);
    else this.progress.stop();
    throw new ExitStatus(await new OneOff(socket, this.io, tty).follow());
  }
}
