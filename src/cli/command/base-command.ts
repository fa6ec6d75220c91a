import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { fail } from '#errors';
import type { Project } from '../session/project.ts';
import type { CliConfig } from '../program/command-table.ts';
import type { ApiClient } from '../api/client.ts';
import type { Io } from '../program/io.ts';
import { Progress } from '../output/progress.ts';
import { findSession, type Session } from '../session/session.ts';
import { render, toJson, type Paint } from '../output/text.ts';

type GlobalFlags = { readonly json?: boolean; readonly context?: string | undefined };

/** Base of every command: the session with a cluster, and output as text or JSON. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({
      description: 'Output in JSON format, errors included',
      helpGroup: 'GLOBAL',
    }),
    context: Flags.string({
      description: 'Cluster to use, by its name in `mothership contexts`',
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
    }),
  };
  /** Arguments after the first belong to another program, for example with `run`. */
  static passesThrough = false;

  protected readonly io: Io;
  protected readonly cli: CliConfig;
  protected readonly progress: Progress;
  #session: Promise<Session> | undefined;
  #api: Promise<ApiClient> | undefined;

  constructor(argv: string[], cli: CliConfig) {
    super(argv, cli.oclif);
    this.cli = cli;
    this.io = cli.io;
    this.progress = new Progress(cli.io);
  }

  abstract override run(): Promise<void>;

  /** Runs the command and always closes its connections. */
  async execute(): Promise<void> {
    try {
      await this.run();
    } finally {
      this.progress.stop();
      (await this.#api?.catch(() => undefined))?.close();
    }
  }

  protected session(flags: GlobalFlags): Promise<Session> {
    this.#session ??= findSession(this.io, flags.context);
    return this.#session;
  }

  protected api(flags: GlobalFlags): Promise<ApiClient> {
    this.#api ??= this.session(flags).then((session) => this.connect(session));
    return this.#api;
  }

  protected async connect({ url, token, address }: Pick<Session, 'url' | 'token' | 'address'>): Promise<ApiClient> {
    const { ApiClient } = await import('../api/client.ts');
    return new ApiClient({
      url,
      token,
      ...(address ? { address } : {}),
      clock: this.io.clock,
      userAgent: this.cli.userAgent,
    });
  }

  /** Prints a result as JSON with --json, otherwise the lines returned by `text`, cleaned. */
  protected print(flags: GlobalFlags, result: unknown, text: (paint: Paint) => readonly string[]): void {
    if (flags.json) return void this.io.stdout.write(`${toJson(result, 2)}\n`);
    const lines = render(text, this.io.stdout, this.io);
    if (lines.length > 0) this.io.stdout.write(`${lines.join('\n')}\n`);
  }

  /** As `print`, for text that programs read, whole lines: cleans it only on a terminal. */
  protected printRaw(flags: GlobalFlags, result: unknown, text: string): void {
    if (flags.json || this.io.stdout.isTTY) return this.print(flags, result, () => text.split('\n').slice(0, -1));
    this.io.stdout.write(text);
  }

  protected get now(): number {
    return this.io.clock.now();
  }
}

/** A command for one app: `--app`, MOTHERSHIP_APP or the folder's. */
export abstract class AppCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    app: Flags.string({
      char: 'a',
      description: 'App to run the command against; defaults to $MOTHERSHIP_APP or .mothership.json',
      helpValue: 'NAME',
    }),
  };

  /** Throws APP_NEEDED, or APP_NOT_FOUND for an invalid name. */
  protected async app(flags: GlobalFlags & { readonly app?: string | undefined }): Promise<string> {
    const app = flags.app ?? (this.io.env['MOTHERSHIP_APP'] || (await this.project(flags))?.app);
    if (!app) throw fail('APP_NEEDED', {});
    // It becomes part of a URL's path, where `..` would escape.
    if (!/^[\p{L}\p{N}_-]+$/u.test(app)) throw fail('APP_NOT_FOUND', { app });
    return app;
  }

  protected async project(flags: GlobalFlags): Promise<Project | undefined> {
    return (await this.session(flags)).project;
  }
}
