import { requiredArg } from '#cli/program/args.ts';
import { OperationCommand } from '#cli/command/operation-command.ts';

export default class PsStop extends OperationCommand {
  static override summary = 'Stop processes';
  static override description = 'Stops a process type until it is scaled or released again, or a one-off process.';
  static override examples = ['mothership ps:stop worker -a example-app', 'mothership ps:stop run.1234'];
  static override aliases = ['stop', 'ps:kill'];
  static override args = { target: requiredArg('Process type, or a one-off such as run.1234') };

  async run(): Promise<void> {
    const { args } = await this.parse(PsStop);
    const app = await this.app();
    const result = await this.carryOut(`Stopping ${args.target} of ${app}`, (api) =>
      api.call('psStop', { params: { app }, body: { target: args.target } }),
    );
    if (result) this.print({ app, target: args.target, ...result });
  }
}
