import { BaseCommand } from '#cli/command/base-command.ts';
import { installation } from '#cli/program/installation.ts';
import { toMothershipError } from '#cli/program/error-output.ts';
import { printable } from '#cli/output/text.ts';
import { fields } from '#cli/output/table.ts';

const ANSWER_WITHIN_MS = 2_000;

export default class VersionInfo extends BaseCommand {
  static override summary = 'Show versions of this program and its cluster';
  static override description =
    "Shows what a bug report needs: versions of the program, Node.js and the cluster's " +
    'controller, the platform, and where the program is installed.';
  static override examples = ['mothership version:info', 'mothership version:info --json'];

  async run(): Promise<void> {
    await this.parse(VersionInfo);
    const found = await this.session().catch((error: unknown) => toMothershipError(error, 'version:info'));
    const session = found instanceof Error ? undefined : found;
    const problem = found instanceof Error && found.code !== 'CONTEXT_NEEDED' ? found.message : undefined;
    const { root } = await installation();
    const info = {
      version: this.cli.version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      path: root,
      context: session?.context ?? null,
      url: session?.url ?? null,
      controller: session ? await this.#controllerVersion() : null,
    };
    this.print(info, (paint) =>
      fields(
        {
          Version: info.version,
          'Node.js': info.node,
          Platform: info.platform,
          Path: info.path,
          Context: info.context ?? undefined,
          Cluster: info.url ?? problem ?? 'none',
          Controller: session ? (info.controller ?? 'not responding') : undefined,
        },
        paint,
      ),
    );
  }

  async #controllerVersion(): Promise<string | null> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const health = await this.call('health', { signal }).catch(() => undefined);
    return typeof health?.version === 'string' ? printable(health.version, false) : null;
  }
}
