import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import * as Flags from '@oclif/core/flags';
import { requiredArg } from '#cli/program/args.ts';
import { knownPassphrase } from '#cli/files/backup-passphrase.ts';
import { unreadable } from '#cli/files/unreadable.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { ExitStatus } from '#cli/program/exit-status.ts';
import { OperationFollower } from '#cli/command/operation-follower.ts';
import { confirmName } from '#cli/output/prompts.ts';
import { table } from '#cli/output/table.ts';
import type { Paint } from '#cli/output/text.ts';
import { ExitCode } from '#errors';

export default class ClusterRestore extends BaseCommand {
  static override summary = 'Restore the cluster from a backup';
  static override description =
    'Restores what `mothership cluster:backup` wrote: images, apps with their releases, ' +
    'config vars and domains, tokens and the certificate. Then starts every app. ' +
    'The target can be another cluster created with `mothership setup`, also with another ' +
    'domain. The backup is verified completely before anything changes. If the restore is ' +
    'interrupted, run it again. ' +
    'Exits with 3 if some apps did not start. Requires an admin token.';
  static override examples = [
    'mothership cluster:restore production.tar.age',
    'mothership cluster:restore production.tar.age --replace --confirm production',
    'ssh backup-host cat production.tar.age | mothership cluster:restore -',
  ];
  static override args = { file: requiredArg('File to read, or - for stdin') };
  static override flags = {
    replace: Flags.boolean({ description: 'Overwrite existing apps that changed since the backup' }),
    confirm: Flags.string({
      char: 'c',
      description: 'Name of the cluster, to skip the prompt for --replace',
      helpValue: 'NAME',
      dependsOn: ['replace'],
    }),
    'no-tokens': Flags.boolean({
      description: 'Do not restore tokens, so that no revoked token becomes valid again',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterRestore);
    const api = await this.api();
    const source = await this.#open(args.file);
    const { name } = await api.call('clusterInfo');
    const confirm = flags.replace
      ? await confirmName(
          this.io,
          name,
          flags.confirm,
          `This overwrites apps on ${name} with their state in the backup.`,
        )
      : undefined;
    this.progress.start(`Restoring ${name}`);
    const query = {
      ...(flags.replace ? { replace: true } : {}),
      ...(confirm ? { confirm } : {}),
      ...(flags['no-tokens'] ? { tokens: false } : {}),
    };
    const operation = await api.upload('backupRestore', { query }, Readable.from(source, { objectMode: false }));
    const result = (await new OperationFollower(api, this.io, this.progress).follow(operation)) as unknown as Restored;
    const broken = result.apps.filter(({ outcome }) => outcome === 'failed' || outcome === 'no-image');
    this.progress.done(
      broken.length === 0 ? 'done' : `${result.apps.length - broken.length} of ${result.apps.length} apps`,
    );
    this.#report(result);
    if (broken.length > 0) throw new ExitStatus(ExitCode.partial);
  }

  /** The plain bytes of the backup. Throws BACKUP_PASSPHRASE_WRONG before anything is sent to the cluster. */
  async #open(file: string): Promise<AsyncIterable<Uint8Array>> {
    const { decrypt } = await import('#backup');
    const source = file === '-' ? this.io.stdin : readable(resolve(this.io.cwd, file), file);
    return decrypt(source, () => knownPassphrase(this.io));
  }

  #report({ apps, tokens, certificate, ...rest }: Restored): void {
    if (tokens.length > 0) this.notice(`Tokens that are valid again: ${tokens.join(', ')}`);
    if (certificate === 'restored') this.notice('Routers now use the certificate from the backup.');
    this.print({ apps, tokens, certificate, ...rest }, (paint) => (apps.length === 0 ? [] : appsTable(apps, paint)));
  }
}

interface Restored {
  readonly apps: readonly {
    readonly app: string;
    readonly outcome: string;
    readonly release: number | null;
    readonly withoutImage: readonly number[];
    readonly detail: string;
  }[];
  readonly tokens: readonly string[];
  readonly certificate: string;
}

type Row = Restored['apps'][number];

function appsTable(apps: Restored['apps'], paint: Paint): string[] {
  return table(
    apps,
    {
      App: ({ app }) => app,
      Release: ({ release }) => (release === null ? '-' : `v${release}`),
      Result: ({ outcome, detail }) => (outcome === 'failed' ? ['red', detail] : detail),
      ...(apps.some(({ withoutImage }) => withoutImage.length > 0)
        ? { 'No image': ({ withoutImage }: Row) => withoutImage.map((version) => `v${version}`).join(', ') }
        : {}),
    },
    paint,
  );
}

async function* readable(path: string, given: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(given, error);
  }
}
