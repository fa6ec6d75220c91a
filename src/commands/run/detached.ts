import { RunCommand, separateCommand } from '#cli/command/run-command.ts';

export default class RunDetached extends RunCommand {
  static override summary = 'Run a one-off process in the background';
  static override description =
    "Starts a command from the app's current release on any node and prints its name. Its output goes to the app's " +
    'logs. `mothership run:list` shows how it ended: its exit code and its output are kept for a day.';
  static override examples = [
    'mothership run:detached rake report -a example-app',
    'mothership run:detached --type worker -- ./import --all',
  ];
  static override usage = 'run:detached [-a NAME] [-e KEY=VALUE...] [--type TYPE] COMMAND...';
  static override flags = RunCommand.flags;

  async run(): Promise<void> {
    const { own, command } = separateCommand(this.argv);
    const { flags } = await this.parse(RunDetached, own);
    this.progress.start(`Starting ${command.join(' ')}`);
    const { app, run } = await this.create(flags, command, { detached: true });
    this.progress.done(`up, ${run.name}`);
    this.notice(`To follow its output, run: mothership logs --tail --ps ${run.name} -a ${app}`);
    this.print(run, () => [run.name]);
  }
}
