import * as Flags from '@oclif/core/flags';
import type { AppErrors } from '#api';
import { AppCommand } from '#cli/command/base-command.ts';
import { heading, table } from '#cli/output/table.ts';
import type { Style } from '#cli/output/text.ts';
import { counted } from '#values/counted.ts';

type AppError = AppErrors['errors'][number];

const COLORS: Readonly<Record<AppError['level'], Style>> = { critical: 'red', warning: 'yellow', info: 'cyan' };

export default class AppsErrors extends AppCommand {
  static override summary = 'View app errors';
  static override description =
    'Counts failed requests by the code in the router log, and crashes of processes. It can only count what is kept: ' +
    "the routers' logs (30 MB on each node), and the five last starts of each process since the previous release.";
  static override examples = ['mothership apps:errors -a example-app', 'mothership apps:errors --hours 1 --router'];
  static override flags = {
    hours: Flags.integer({ description: 'Number of hours to look back', default: 24, min: 1, max: 168 }),
    router: Flags.boolean({ description: 'Only show router errors', exclusive: ['ps'] }),
    ps: Flags.boolean({ description: 'Only show errors of processes', aliases: ['dyno'] }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(AppsErrors);
    const app = await this.app();
    const found = await this.call('appsErrors', { params: { app }, query: { hours: flags.hours } });
    const isShown = ({ source }: AppError): boolean => (source === 'router' ? !flags.ps : !flags.router);
    const errors = found.errors.filter(isShown);
    const period = `in the last ${counted(flags.hours, 'hours')}`;
    this.print({ ...found, errors }, (paint) => {
      if (errors.length === 0) return [`No errors on ${app} ${period}.`];
      const columns = {
        Source: ({ source }: AppError) => source,
        Name: ({ name, level }: AppError) => [COLORS[level], name] as const,
        Level: ({ level }: AppError) => [COLORS[level], level] as const,
        Description: ({ title }: AppError) => title,
        Count: ({ count }: AppError) => String(count),
      };
      return [heading(`Errors on ${app} ${period}`, paint), '', ...table(errors, columns, paint)];
    });
    for (const node of found.missing)
      this.notice(`Missing the router's log of ${node}: it is not responding.`, 'warning');
  }
}
