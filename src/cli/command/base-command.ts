import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import { fail, isMothershipError } from '#errors';
import { appOf, isPathSegment, type Project } from '../session/project.ts';
import type { CliConfig } from '../program/command-table.ts';
import type { ApiClient } from '../api/client.ts';
import { ExitStatus } from '../program/exit-status.ts';
import type { Io } from '../program/io.ts';
import { Progress } from '../output/progress.ts';
import { findSession, type Session } from '../session/session.ts';
import { render, toJson, type Paint } from '../output/text.ts';

type Values = Record<string, unknown>;

/** The flags that base classes read; a command has those of its base. */
interface BaseFlags {
  readonly json?: boolean | undefined;
  readonly context?: string | undefined;
  readonly app?: string | undefined;
  readonly detach?: boolean;
  readonly 'no-wait'?: boolean;
}

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
  /** Set by `parse`. */
  protected given: BaseFlags = {};
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
    } catch (error) {
      // A bug of this program, or an answer that it could not expect.
      const mismatch = isUnexpected(error) && (await this.#answeredOtherwise());
      throw mismatch || error;
    } finally {
      this.progress.stop();
      (await this.#api?.catch(() => undefined))?.close();
    }
  }

  async #answeredOtherwise(): Promise<Error | undefined> {
    const api = await this.#api?.catch(() => undefined);
    return api?.mismatch();
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    this.given = parsed.flags as BaseFlags;
    return parsed;
  }

  protected session(): Promise<Session> {
    this.#session ??= findSession(this.io, this.given.context);
    return this.#session;
  }

  protected api(): Promise<ApiClient> {
    this.#api ??= this.session().then((session) => this.connect(session));
    return this.#api;
  }

  protected call: ApiClient['call'] = async (name, input) => (await this.api()).call(name, input);

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
  protected print(result: unknown, text: (paint: Paint) => readonly string[] = () => []): void {
    if (this.given.json) return void this.io.stdout.write(`${toJson(result, 2)}\n`);
    const lines = render(text, this.io.stdout, this.io);
    if (lines.length > 0) this.io.stdout.write(`${lines.join('\n')}\n`);
  }

  /** As `print`, for text that programs read, whole lines: cleans it only on a terminal. */
  protected printRaw(result: unknown, text: string): void {
    if (this.given.json || this.io.stdout.isTTY) return this.print(result, () => text.split('\n').slice(0, -1));
    this.io.stdout.write(text);
  }

  /** Shows a step on stderr until the work is done. */
  protected async step<T>(label: string, work: Promise<T>, result?: (value: T) => string): Promise<T> {
    this.progress.start(label);
    const value = await work;
    this.progress.done(result?.(value));
    return value;
  }

  /** Ctrl-C stops the work between two of its steps; a second one ends the program. */
  protected async stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const release = this.io.onSignal('SIGINT', () => {
      release();
      this.progress.line(' ›   Stopping after the current step; press Ctrl-C again to stop immediately.');
      abort.abort();
    });
    try {
      return await work(abort.signal);
    } finally {
      release();
    }
  }

  protected notice(message: string, level: 'info' | 'warning' = 'info'): void {
    this.progress.notify({ type: 'notice', level, message });
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
  protected async app(): Promise<string> {
    const app = this.given.app ?? (this.io.env['MOTHERSHIP_APP'] || appOf(await this.project()));
    if (!app) throw fail('APP_NEEDED', {});
    if (!isPathSegment(app)) throw fail('APP_NOT_FOUND', { app });
    return app;
  }

  protected async project(): Promise<Project | undefined> {
    return (await this.session()).project;
  }
}

function isUnexpected(error: unknown): boolean {
  const { oclif, name } = (error ?? {}) as { oclif?: unknown; name?: string };
  return !isMothershipError(error) && !(error instanceof ExitStatus) && !oclif && name !== 'AbortError';
}
