import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalArg } from '#cli/program/args.ts';
import { ConfigCommand } from '#cli/command/config-command.ts';
import { runOnTerminal } from '#cli/files/programs.ts';
import { formatEnv, parseEnv } from '#cli/parse/env-file.ts';
import { readText } from '#cli/parse/input.ts';
import { fail } from '#errors';

type Vars = Readonly<Record<string, string>>;

export default class ConfigEdit extends ConfigCommand {
  static override summary = 'Edit config vars in an editor';
  static override description =
    'Opens the config vars, or the value of one of them, in $VISUAL or $EDITOR. Saving and ' +
    'closing the editor creates a release. Deleting a line unsets its config var.';
  static override examples = [
    'mothership config:edit -a example-app',
    'EDITOR="code --wait" mothership config:edit',
    'mothership config:edit TLS_KEY',
  ];
  static override args = { key: optionalArg('Edit only the value of this config var, as plain text') };

  async run(): Promise<void> {
    const { args } = await this.parse(ConfigEdit);
    const app = await this.app();
    const before = await this.call('configGet', { params: { app } });
    const { key } = args;
    const edited = await this.#edit(key ? `${before[key] ?? ''}\n` : formatEnv(before));
    const after = key ? { ...before, [key]: edited.replace(/\n$/, '') } : parseEnv(edited, 'The edited text');
    const changes = difference(before, after);
    if (changes) return this.change('Changing', changes);
    this.notice('No changes.');
    this.print({ app, keys: [], release: null });
  }

  async #edit(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mothership-config-'));
    const file = join(folder, 'config.env');
    try {
      await writeFile(file, text, { mode: 0o600 });
      const editor = this.io.env['VISUAL'] || this.io.env['EDITOR'] || 'vi';
      // Editors may have arguments ("code --wait"), as with git.
      const { exitCode } = await runOnTerminal(
        [...(editor.split(/\s+/).filter(Boolean) as [string, ...string[]]), file],
        this.io,
      );
      if (exitCode !== 0)
        throw fail('EDITOR_FAILED', {
          editor,
          why: exitCode === undefined ? 'could not be started' : `ended with exit code ${exitCode}`,
        });
      return await readText(file, 'The edited text');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function difference(before: Vars, after: Vars): { set: Record<string, string>; unset: string[] } | undefined {
  const set = Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value));
  const unset = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return Object.keys(set).length + unset.length > 0 ? { set, unset } : undefined;
}
