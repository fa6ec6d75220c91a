import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type { BackupContents } from '#backup';
import { optionalArg } from '#cli/program/args.ts';
import { newPassphrase } from '#cli/files/backup-passphrase.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { writeNewFile } from '#cli/files/draft-file.ts';
import { formatBytes } from '#cli/output/text.ts';
import { fail, isMothershipError } from '#errors';
import type { Secret } from '#events';

export default class ClusterBackup extends BaseCommand {
  static override summary = 'Back up the cluster to a file';
  static override description =
    'Writes all apps with their releases, config vars, domains and images, plus user tokens ' +
    'and the certificate, to one file that `mothership cluster:restore` ' +
    'restores to this cluster or a new one. Data of backing services and files written by ' +
    'running apps are not included. The file contains every secret of the cluster and is ' +
    'encrypted with a passphrase, ' +
    'which is prompted for or read from MOTHERSHIP_BACKUP_PASSPHRASE. Requires an admin token.';
  static override examples = [
    'mothership cluster:backup',
    'mothership cluster:backup production.tar.age --no-images',
    "mothership cluster:backup - | ssh backup-host 'cat > production.tar.age'",
  ];
  static override args = {
    file: optionalArg("File to write, or - for stdout; defaults to the cluster's name and the time"),
  };
  static override flags = {
    'no-images': Flags.boolean({
      description: 'Leave out images: apps whose images are gone have to be deployed again after a restore',
    }),
    'no-encryption': Flags.boolean({ description: 'Write the file, with every secret of the cluster, unencrypted' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterBackup);
    const toStdout = args.file === '-';
    if (toStdout && (this.io.stdout.isTTY || flags.json))
      throw fail('USAGE_INVALID', {
        why: 'A backup goes to a file or a pipe; with --json, only to a file',
        command: 'cluster:backup',
      });
    const { name } = await this.call('clusterInfo');
    const passphrase = flags['no-encryption'] ? undefined : await newPassphrase(this.io);
    const time = new Date(this.now).toISOString().slice(0, 19).replaceAll(':', '');
    const file = args.file ?? `${name}-${time}.tar${passphrase ? '.age' : ''}`;
    this.progress.start(`Backing up ${name}`);
    let contents: BackupContents | undefined;
    const stream = await this.#stream(!flags['no-images'], passphrase, (checked) => {
      contents = checked;
    });
    const bytes = toStdout ? await this.#print(stream) : await writeNewFile(resolve(this.io.cwd, file), stream);
    this.progress.done(`done, ${formatBytes(bytes)}`);
    this.#report({ file, bytes, encrypted: passphrase !== undefined }, contents!);
  }

  async #stream(
    images: boolean,
    passphrase: Secret | undefined,
    onChecked: (contents: BackupContents) => void,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { checkedCopy, encrypt } = await import('#backup');
    const stop = new AbortController();
    this.io.onSignal('SIGINT', () => stop.abort());
    const api = await this.api();
    const response = await api.download('backupCreate', { query: { images }, signal: stop.signal });
    const plain = checkedCopy(whole(response, stop.signal), onChecked);
    return passphrase ? encrypt(plain, passphrase) : plain;
  }

  async #print(stream: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (!this.io.stdout.write(chunk)) await new Promise((go) => this.io.stdout.once('drain', go));
    }
    return bytes;
  }

  #report(
    written: { file: string; bytes: number; encrypted: boolean },
    { manifest, apps, images, certificate }: BackupContents,
  ): void {
    if (!certificate) this.notice('The certificate is not included: no router is running.', 'warning');
    if (written.file === '-') return;
    const { cluster, createdAt } = manifest;
    const result = {
      ...written,
      cluster,
      createdAt,
      apps: apps.length,
      images: manifest.images ? images.length : 0,
      certificate: certificate !== null,
    };
    this.print(result, () => [written.file]);
  }
}

/** Turns an interrupted download into BACKUP_INCOMPLETE. */
async function* whole(response: AsyncIterable<Uint8Array>, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    if (stop.aborted) throw fail('CANCELLED', { what: 'The backup' }, error);
    if (isMothershipError(error)) throw error;
    throw fail('BACKUP_INCOMPLETE', { why: 'the cluster stopped sending it' }, error);
  }
}
