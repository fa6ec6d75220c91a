import * as Flags from '@oclif/core/flags';
import type { ProcessFormation, Release, Task } from '#api';
import { fail } from '#errors';
import { own } from '#values/own.ts';
import { AppCommand } from '#cli/command/base-command.ts';

interface Count {
  readonly up: number;
  readonly total: number;
}

export default class PsWait extends AppCommand {
  static override summary = 'Wait for all processes to be running the newest release';
  static override description =
    'Returns once every process of the formation is up and runs the newest release. Fails if that release fails.';
  static override examples = ['mothership ps:wait -a example-app', 'mothership ps:wait --type worker'];
  static override flags = {
    type: Flags.string({ char: 't', description: 'Only wait for this process type', helpValue: 'TYPE' }),
    'wait-interval': Flags.integer({
      char: 'w',
      description: 'Seconds between two looks',
      default: 5,
      min: 1,
      max: 600,
    }),
    'with-run': Flags.boolean({ char: 'R', description: 'Also wait for one-off processes', exclusive: ['type'] }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PsWait);
    const app = await this.app();
    // Without an image, a release only holds config vars: nothing runs it.
    const newest = (await this.#releases(app)).find(({ status, image }) => status !== 'failed' && image !== null);
    if (!newest) return this.notice(`App ${app} has no releases.`, 'warning');
    const { version } = newest;
    this.progress.start(`Waiting for every process of ${app} to be running v${version}`);
    for (;;) {
      const { up, total } = await this.#count(app, version, flags);
      if (up === total) {
        this.progress.done(`${up} / ${total}, done`);
        return this.print({ app, release: version, up });
      }
      await this.io.clock.sleep(flags['wait-interval'] * 1000);
    }
  }

  /** Throws RELEASE_FAILED and PROCESS_TYPE_UNKNOWN. */
  async #count(
    app: string,
    version: number,
    flags: { type?: string | undefined; 'with-run': boolean },
  ): Promise<Count> {
    const params = { app };
    const [releases, formation, tasks] = await Promise.all([
      this.#releases(app),
      this.call('formationGet', { params }),
      this.call('psList', { params }),
    ]);
    const waited = releases.find((release) => release.version === version);
    if (waited?.status === 'failed')
      throw fail('RELEASE_FAILED', { app, version: `v${version}`, why: waited.error ?? 'it did not start.' });
    const isLive = releases.some((release) => release.current && release.version >= version);
    const { up, total } = countUp({ version, formation, tasks }, flags);
    return isLive ? { up, total } : { up: 0, total: Math.max(1, total) };
  }

  #releases(app: string): Promise<Release[]> {
    return this.call('releasesList', { params: { app } });
  }
}

interface Observed {
  readonly version: number;
  readonly formation: readonly ProcessFormation[];
  readonly tasks: readonly Task[];
}

/** Throws PROCESS_TYPE_UNKNOWN. */
function countUp(
  { version, formation, tasks }: Observed,
  { type, 'with-run': withRun }: { type?: string | undefined; 'with-run': boolean },
): Count {
  const wanted = Object.fromEntries(formation.map((each) => [each.type, each.quantity]));
  if (type !== undefined && own(wanted, type) === undefined && formation.length > 0)
    throw fail('PROCESS_TYPE_UNKNOWN', { type, known: Object.keys(wanted) });
  const types = type === undefined ? Object.keys(wanted) : [type];
  const runs = withRun ? tasks.filter((task) => task.type === 'run') : [];
  const processes = tasks.filter((task) => types.includes(task.type));
  return {
    up: [...processes, ...runs].filter((task) => task.state === 'up' && task.release >= version).length,
    total: types.reduce((sum, each) => sum + (own(wanted, each) ?? 0), 0) + runs.length,
  };
}
