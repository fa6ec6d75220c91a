import { AppCommand } from '#cli/command/base-command.ts';
import { fields, heading } from '#cli/output/table.ts';

export default class StackIndex extends AppCommand {
  static override summary = 'Show the stack of an app';
  static override description =
    "Shows the app's stack, the run image of its release, and whether a newer one is available.";
  static override examples = ['mothership stack -a example-app', 'mothership stack --json'];

  async run(): Promise<void> {
    await this.parse(StackIndex);
    const app = await this.app();
    const stack = await this.call('stackInfo', { params: { app } });
    const state = stack.behind ? 'newer available: `mothership stack:update`' : 'up to date';
    this.print(stack, (paint) => [
      heading(`${app} Stack`, paint),
      '',
      ...fields(
        {
          Stack: stack.stack,
          'Run image': stack.runImage
            ? `${stack.runImage.replace('sha256:', '').slice(0, 12)} (${state})`
            : stack.behind
              ? `unknown (${state})`
              : 'not from the stack',
        },
        paint,
      ),
    ]);
  }
}
