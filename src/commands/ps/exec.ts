import * as Flags from '@oclif/core/flags';
import { AppCommand } from '#cli/command/base-command.ts';
import { ExitStatus } from '#cli/program/exit-status.ts';
import { OneOff } from '#cli/terminal/one-off.ts';
import { processFlag } from '#cli/parse/process-flag.ts';
import { separateCommand } from '#cli/command/run-command.ts';

export default class PsExec extends AppCommand {
  static override summary = 'Run a command in a running process';
  static override description =
    "Runs a command in a running process's container with its config vars, connected to this " +
    "terminal or to pipes. Exits with the command's exit code. Without a command, opens a " +
    'shell.';
  static override examples = [
    'mothership ps:exec -a example-app',
    'mothership ps:exec --ps worker.2',
    'mothership ps:exec --ps web.1 -- ps aux',
    'mothership ps:exec "cat /proc/meminfo | head -3"',
  ];
  static override usage = 'ps:exec [-a NAME] [--ps PROCESS] [--no-tty] [COMMAND...]';
  static override passesThrough = true;
  static override flags = {
    ps: processFlag,
    'no-tty': Flags.boolean({ description: 'Do not allocate a terminal' }),
  };

  async run(): Promise<void> {
    const { own, command } = separateCommand(this.argv);
    const { flags } = await this.parse(PsExec, own);
    const app = await this.app();
    const tty = !flags['no-tty'] && Boolean(this.io.stdin.isTTY && this.io.stdout.isTTY);
    const { columns, rows } = this.io.stdout;
    this.progress.start(command.length > 0 ? `Running ${command.join(' ')}` : 'Opening a shell');
    const api = await this.api();
    const body = {
      command,
      tty,
      ...(flags.ps ? { ps: flags.ps } : {}),
      ...(tty && columns && rows ? { columns, rows } : {}),
    };
    const exec = await api.call('psExec', { params: { app }, body });
    const socket = await api.socket('psExecAttach', { app, exec: exec.id });
    if (tty) this.progress.done(`in ${exec.ps}`);
    else this.progress.stop();
    throw new ExitStatus(await new OneOff(socket, this.io, tty).follow());
  }
}
