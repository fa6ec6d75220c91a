import { parseScale, type FormationUpdate } from '#cli/parse/formation-args.ts';
import { ReleaseCommand } from '#cli/command/release-command.ts';
import { formatSize } from '#values/size.ts';

export default class PsScale extends ReleaseCommand {
  static override summary = 'Scale process types';
  static override description =
    'Scales process types to a number, or up or down by one. Without arguments, prints the ' +
    'formation in a form that the command accepts.';
  static override examples = [
    'mothership ps:scale web=3 worker=1 -a example-app',
    'mothership ps:scale worker+1',
    'mothership ps:scale web=2:512M/0.5',
    'mothership ps:scale',
  ];
  static override aliases = ['scale'];
  static override strict = false;
  static override usage = 'ps:scale [TYPE=NUMBER...] [-a NAME]';

  async run(): Promise<void> {
    const { argv } = await this.parse(PsScale);
    const updates = (argv as string[]).map(parseScale);
    const app = await this.app();
    if (
      updates.length > 0 &&
      !(await this.carryOut(`Scaling ${describe(updates)} on ${app}`, (api) =>
        api.call('formationUpdate', { params: { app }, body: { updates } }),
      ))
    )
      return;
    const formation = await this.call('formationGet', { params: { app } });
    this.print(formation, () => [
      formation.map((line) => `${line.type}=${line.quantity}:${formatSize(line.size)}`).join(' ') ||
        `${app} has no process types yet.`,
    ]);
  }
}

function describe(updates: readonly FormationUpdate[]): string {
  return updates
    .map(({ type, quantity, delta }) => (quantity === undefined ? `${type} by ${delta}` : `${type} to ${quantity}`))
    .join(', ');
}
