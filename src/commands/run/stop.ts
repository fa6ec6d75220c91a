import { requiredArg } from '#cli/program/args.ts';
import { OperationCommand } from '#cli/command/operation-command.ts';

export default class RunStop extends OperationCommand {
  static override summary = 'Stop a one-off process';
  static override description =
    'Stops a one-off process with SIGTERM, and with SIGKILL if it is still running after 30 seconds.';
  static override examples = ['mothership run:stop run.1234 -a example-app'];
  static override args = { run: requiredArg('One-off process, such as run.1234') };

  async run(): Promise<void> {
    const { args } = await this.parse(RunStop);
    const app = await this.app();
    const result = await this.carryOut(`Stopping ${args.run} of ${app}`, (api) =>
      api.call('runStop', { params: { app, run: args.run } }),
    );
    if (result) this.print({ app, run: args.run, ...result });
  }
}
