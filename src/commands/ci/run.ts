import * as Flags from '@oclif/core/flags';
import { ExitStatus } from '#cli/program/exit-status.ts';
import { OperationCommand } from '#cli/command/operation-command.ts';
import { packSource } from '#cli/source/pack-source.ts';

export default class CiRun extends OperationCommand {
  static override summary = 'Run the tests of the app in this folder';
  static override description =
    'Uploads the folder, builds it for testing (bin/test-compile of its buildpacks) and runs ' +
    'its tests (bin/test, or environments.test.scripts.test in app.json). Exits with their ' +
    'exit code. ' +
    "Uses only the config vars in app.json, not the app's. Nothing is released.";
  static override examples = ['mothership ci:run', 'mothership ci:run -a example-app --ref v1.2.0'];
  static override flags = {
    path: Flags.string({
      description: "Folder to test; defaults to this one, or to the app's root (see apps:root)",
      helpValue: 'FOLDER',
    }),
    ref: Flags.string({
      description: "Test this commit, branch or tag of the folder's Git repository instead of the working files",
      helpValue: 'REF',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CiRun);
    const app = await this.app();
    const source = await packSource(flags, await this.call('appsInfo', { params: { app } }), this.io);
    const query = { ...(source.ref ? { ref: source.ref } : {}), ...(source.repository ? { repository: true } : {}) };
    const result = await this.carryOut(`Testing ${app}`, (api) =>
      api.upload('testsCreate', { params: { app }, query }, source.archive.gzipped()),
    );
    if (!result) return;
    this.print(result);
    throw new ExitStatus(Number(result['exitCode']));
  }
}
