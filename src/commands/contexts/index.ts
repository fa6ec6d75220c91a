import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, readContexts } from '#cli/session/contexts.ts';
import { table } from '#cli/output/table.ts';

export default class ContextsIndex extends BaseCommand {
  static override summary = 'List the clusters this machine can use';
  static override description = 'Lists contexts; a star marks the current one. Tokens are not shown.';
  static override examples = ['mothership contexts', 'mothership contexts --json'];

  async run(): Promise<void> {
    await this.parse(ContextsIndex);
    const { current, contexts } = await readContexts(contextsFile(this.io));
    const rows = Object.entries(contexts).map(([name, { url, domain }]) => ({
      name,
      current: name === current,
      url,
      domain,
    }));
    this.print(rows, (paint) => {
      if (rows.length === 0)
        return [
          'No contexts yet. Create a cluster with `mothership setup`, or log in to one with `mothership login URL`.',
        ];
      return table(
        rows,
        {
          '': (row) => (row.current ? '*' : ''),
          Name: (row) => row.name,
          Address: (row) => row.url || '(setup has not finished)',
        },
        paint,
      );
    });
  }
}
