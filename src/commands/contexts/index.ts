import { BaseCommand } from '../../cli/command/base-command.ts';
import { contextsFile, readContexts } from '../../cli/session/contexts.ts';
import { table } from '../../cli/output/table.ts';

export default class ContextsIndex extends BaseCommand {
  static override summary = 'List the clusters this machine knows';
  static override description = 'Lists contexts; the current one has a star. Tokens are not shown.';
  static override examples = ['mothership contexts', 'mothership contexts --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ContextsIndex);
    const { current, contexts } = await readContexts(contextsFile(this.io));
    const rows = Object.entries(contexts).map(([name, { url, domain }]) => ({
      name,
      current: name === current,
      url,
      domain,
    }));
    this.print(flags, rows, (paint) => {
      if (rows.length === 0) return ['None yet: `mothership setup` makes a cluster, `mothership login URL` uses one.'];
      return table(
        rows,
        { '': (row) => (row.current ? '*' : ''), Name: (row) => row.name, Address: (row) => row.url },
        paint,
      );
    });
  }
}
