import * as Flags from '@oclif/core/flags';
import { ExitStatus } from '../../cli/program/exit-status.ts';
import { OperationCommand } from '../../cli/command/operation-command.ts';
import { packSource } from '../../cli/source/pack-source.ts';

export default class CiRun extends OperationCommand {
  static override summary = 'Run the tests of what is in this folder';
  static override description =
    'Sends the folder, builds it for its tests (bin/test-compile of its buildpacks) and runs them (bin/test, or environments.test.scripts.test of app.json); ends with their exit code. ' +
    "Config vars are those of app.json alone, not the app's. Nothing is released.";
  static override examples = ['mothership ci:run', 'mothership ci:run -a example-app --ref v1.2.0'];
  static override flags = {
    path: Flags.string({
      description: 'Folder to test; by default this one, or the part of its repository that apps:root names',
      helpValue: 'FOLDER',
    }),
    ref: Flags.string({
      description: "Test this commit, branch or tag of the folder's git repository instead of the files as they are",
      helpValue: 'REF',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CiRun);
    const app = await this.app(flags);
    const source = await packSource(
      flags,
      await (await this.api(flags)).call('appsInfo', { params: { app } }),
      this.io,
    );
    const query = { ...(source.ref ? { ref: source.ref } : {}), ...(source.repository ? { repository: true } : {}) };
    const result = await this.carryOut(flags, `Testing ${app}`, (api) =>
      api.upload('testsCreate', { params: { app }, query }, source.archive.gzipped()),
    );
    if (!result) return;
    this.print(flags, result, () => []);
    throw new ExitStatus(Number(result['exitCode']));
  }
}
