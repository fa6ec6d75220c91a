import { AppCommand } from '#cli/command/base-command.ts';
import { complete, type NameKind } from '#cli/completion/complete.ts';
import { findNames } from '#cli/completion/find-names.ts';
import { contextsFile, readContexts } from '#cli/session/contexts.ts';

/** How long to wait for names after Tab is pressed. */
const ANSWER_WITHIN_MS = 1_000;

export default class Complete extends AppCommand {
  static override summary = 'Print completions for a command line';
  static override description =
    'Used by the scripts of `mothership autocomplete`. Prints candidates for the last word, ' +
    'one per line, each followed by a tab and a summary.';
  static override examples = ["mothership complete -- config:set -a ''"];
  static override hidden = true;
  static override strict = false;

  async run(): Promise<void> {
    const words = this.argv.slice(this.argv.indexOf('--') + 1);
    const found = await complete(words, this.cli.commands, (kind, given) => this.#names(kind, given));
    this.print(found, () => found.map(({ word, summary }) => (summary ? `${word}\t${summary}` : word)));
  }

  async #names(kind: NameKind, given: { app?: string; context?: string }): Promise<readonly string[]> {
    if (kind === 'context') return Object.keys((await readContexts(contextsFile(this.io))).contexts);
    this.given = given;
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    return findNames(kind, { api: await this.api(), app: () => this.app(), signal });
  }
}
