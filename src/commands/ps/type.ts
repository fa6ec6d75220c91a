import { formatCpus, formatMemory } from '#values/size.ts';
import { parseType } from '#cli/parse/formation-args.ts';
import { ReleaseCommand } from '#cli/command/release-command.ts';
import { table } from '#cli/output/table.ts';

export default class PsType extends ReleaseCommand {
  static override summary = 'Show or change the size of processes';
  static override description =
    'Sets the memory and CPU share of process types as memory/cpus; either can be left out. ' +
    'Without arguments, prints the sizes.';
  static override examples = [
    'mothership ps:type web=512M/0.5 -a example-app',
    'mothership ps:type worker=1G',
    'mothership ps:type',
  ];
  static override aliases = ['ps:resize'];
  static override strict = false;
  static override usage = 'ps:type [TYPE=MEMORY/CPUS...] [-a NAME]';

  async run(): Promise<void> {
    const { argv } = await this.parse(PsType);
    const updates = (argv as string[]).map(parseType);
    const app = await this.app();
    const label = `Resizing ${updates.map(({ type }) => type).join(', ')} on ${app}`;
    if (
      updates.length > 0 &&
      !(await this.carryOut(label, (api) => api.call('formationUpdate', { params: { app }, body: { updates } })))
    )
      return;
    const formation = await this.call('formationGet', { params: { app } });
    this.print(formation, (paint) =>
      table(
        formation,
        {
          Type: (line) => line.type,
          Memory: (line) => formatMemory(line.size.memory),
          CPUs: (line) => formatCpus(line.size.cpus),
          Quantity: (line) => String(line.quantity),
        },
        paint,
      ),
    );
  }
}
