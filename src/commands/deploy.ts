import { join, relative, resolve } from 'node:path';
import { own } from '#values/own.ts';
import * as Flags from '@oclif/core/flags';
import type { App, Operation } from '#api';
import { fail } from '#errors';
import type { ApiClient } from '#cli/api/client.ts';
import { createApp, findApp, linkFolder } from '#cli/session/deploy-target.ts';
import { ReleaseCommand } from '#cli/command/release-command.ts';
import { timingsLine } from '#cli/output/progress.ts';
import { webUrl } from '#cli/output/web-url.ts';
import { appNameFrom, findProject, PROJECT_FILE } from '#cli/session/project.ts';
import { packSource, type PackedSource } from '#cli/source/pack-source.ts';
import { sendSource } from '#cli/source/send-source.ts';

export default class Deploy extends ReleaseCommand {
  static override summary = 'Deploy the app in this folder';
  static override description =
    'Uploads the folder, builds it, and switches traffic to the new release once it is ready. ' +
    'If anything fails, the current release, if any, keeps running. ' +
    'The first deploy in a folder creates the app. Files in .gitignore and .slugignore, and ' +
    ".git, are not uploaded. Prints the app's URL on stdout, unless it has no web process.";
  static override examples = [
    'mothership deploy',
    'mothership deploy -a example-app --ref v1.2.0',
    'mothership deploy -a example-app --image nginx:1.27',
    'mothership deploy --dockerfile docker/Dockerfile --no-wait',
    'mothership deploy --target production --build-arg NODE_VERSION=22',
    'mothership deploy --path services/api -a example-app',
    'mothership deploy --json',
  ];
  static override flags = {
    path: Flags.string({
      description: "Folder to deploy; defaults to this one, or to the app's root (see apps:root)",
      helpValue: 'FOLDER',
    }),
    ref: Flags.string({
      description: "Deploy this commit, branch or tag of the folder's Git repository instead of the working files",
      helpValue: 'REF',
      exclusive: ['image'],
    }),
    image: Flags.string({
      description: 'Release this image instead of building one',
      helpValue: 'IMAGE',
      exclusive: ['ref', 'dockerfile', 'target', 'build-arg', 'clear-cache', 'path', 'force'],
    }),
    dockerfile: Flags.string({
      description: 'Build with this Dockerfile; path within the folder',
      helpValue: 'PATH',
    }),
    target: Flags.string({ description: 'Build this stage of the Dockerfile', helpValue: 'STAGE' }),
    'build-arg': Flags.string({
      description:
        'Build arg for the Dockerfile; without a value, uses the environment variable. Can be ' +
        "repeated. Not for secrets: it stays in the image's history",
      helpValue: 'NAME[=VALUE]',
      multiple: true,
    }),
    'clear-cache': Flags.boolean({ description: 'Build without the cache of earlier builds' }),
    force: Flags.boolean({
      description: "Build and release even if nothing in the app's root has changed (see apps:root)",
    }),
  };

  #started = 0;

  async run(): Promise<void> {
    const { flags } = await this.parse(Deploy);
    const { context } = await this.session();
    const api = await this.api();
    const named = flags.app ?? (this.io.env['MOTHERSHIP_APP'] || undefined);
    const found = await this.#find(api, named, flags);
    const source = flags.image ? undefined : await packSource(flags, found, this.io);
    const app = found ?? (await this.#create(api, named, source?.folder ?? this.io.cwd));
    if (source) await linkFolder(source.folder, app.name, context);
    this.#started = this.now;
    const operation = source
      ? await this.#upload(api, app.name, source, flags)
      : await api.call('releasesCreate', { params: { app: app.name }, body: { image: flags.image ?? '' } });
    const result = await this.follow(operation);
    if (!result) return;
    // With --no-wait, the operation has no result yet.
    const url = 'url' in result ? result['url'] : webUrl(await api.call('appsInfo', { params: { app: app.name } }));
    this.#report(app, operation, { ...result, url });
  }

  /** Returns the named app, or else the folder's, and says so if its file is in a folder above. */
  async #find(api: ApiClient, named: string | undefined, flags: DeployFlags): Promise<App | undefined> {
    const folder = resolve(this.io.cwd, flags.path ?? '.');
    const project = await findProject(folder);
    if (flags.image && !named && !project?.app) throw fail('APP_NEEDED', {});
    const app = await findApp(api, named, project);
    if (app && !named && project && project.folder !== folder) {
      const file = relative(this.io.cwd, join(project.folder, PROJECT_FILE));
      this.progress.line(`Deploying to ${app.name} (from ${file})`);
    }
    return app;
  }

  async #create(api: ApiClient, named: string | undefined, folder: string): Promise<App> {
    const app = await createApp(api, named ?? appNameFrom(folder), !named);
    this.progress.line(`Created ${app.name}`);
    return app;
  }

  async #upload(api: ApiClient, app: string, source: PackedSource, flags: DeployFlags): Promise<Operation> {
    this.progress.notify({ type: 'phase', phase: 'upload', state: 'started' });
    const given = flags['build-arg'];
    const query = {
      ref: source.ref,
      repository: source.repository || undefined,
      dockerfile: flags.dockerfile,
      target: flags.target,
      buildArgs: given && JSON.stringify(buildArgs(given, this.io.env)),
      clearCache: flags['clear-cache'] || undefined,
      force: flags.force || undefined,
    };
    const operation = await sendSource(api, source.archive, { params: { app }, query });
    this.progress.notify({ type: 'phase', phase: 'upload', state: 'done' });
    return operation;
  }

  #report(app: App, operation: Operation, result: Record<string, unknown>): void {
    const phases = this.progress.timings;
    const release = typeof result['release'] === 'number' ? result['release'] : null;
    const url = typeof result['url'] === 'string' ? result['url'] : null;
    if (!result['unchanged'])
      this.progress.line(
        `${release ? `Released v${release} of ${app.name}` : `Released ${app.name}`}: ` +
          `${timingsLine(phases, this.now - this.#started)}`,
      );
    this.print({ app: app.name, release, url, operation: operation.id, ...result, phases }, () =>
      url === null ? [] : [url],
    );
  }
}

type DeployFlags = { readonly 'build-arg'?: string[] | undefined } & {
  readonly [name in 'app' | 'context' | 'path' | 'image' | 'dockerfile' | 'target']?: string | undefined;
} & { readonly [name in 'json' | 'detach' | 'no-wait' | 'clear-cache' | 'force']?: boolean };

/**
 * Parses build args like Docker's client. An arg without a value and without an environment variable is left to the
 * Dockerfile.
 */
function buildArgs(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    given.flatMap((arg): [string, string][] => {
      const at = arg.indexOf('=');
      const value = at < 0 ? own(env, arg) : arg.slice(at + 1);
      return value === undefined ? [] : [[at < 0 ? arg : arg.slice(0, at), value]];
    }),
  );
}
