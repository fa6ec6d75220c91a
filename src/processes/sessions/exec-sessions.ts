import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { Execs } from '#engine';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { TerminalSize } from '../command-line.ts';
import type { RunSession } from './run-session.ts';

interface ExecPlan {
  readonly app: string;
  readonly engine: Execs;
  readonly container: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly size?: TerminalSize | undefined;
}

/** Time to connect to a requested session. */
const UNCLAIMED_MS = 60_000;
/** The exit code may arrive shortly after the last output. */
const CODE_WITHIN_MS = 5_000;
/** Environment variable that marks all processes of a session. */
const MARK = 'MOTHERSHIP_EXEC';
/** The engine cannot kill an exec'ed program, but another program in the container can: SIGHUP, then SIGKILL. */
const HANG_UP = `for signal in HUP KILL; do
  for process in /proc/[0-9]*; do
    tr '\\0' '\\n' < "$process/environ" 2>/dev/null | grep -qx "${MARK}=$1" || continue
    kill -$signal "\${process#/proc/}"
  done
  [ $signal = KILL ] || sleep 3
done`;

/** Programs run in an app's running processes. */
export class ExecSessions {
  readonly #waiting = new Map<string, ExecPlan>();

  constructor(private readonly clock: Clock) {}

  /** Prepares a session for `attach`, which starts it. */
  prepare(plan: ExecPlan): string {
    const id = randomBytes(8).toString('hex');
    this.#waiting.set(id, plan);
    void this.clock.sleep(UNCLAIMED_MS).then(() => this.#waiting.delete(id));
    return id;
  }

  async attach(app: string, id: string): Promise<RunSession> {
    const plan = this.#waiting.get(id);
    if (plan?.app !== app) throw fail('EXEC_NOT_FOUND', { id });
    this.#waiting.delete(id);
    const { engine, container, command, tty, size } = plan;
    const { id: exec, attachment } = await engine.exec(container, { command, tty, env: { [MARK]: id } });
    const resize = (to: { columns: number; rows: number }): Promise<void> =>
      engine.resizeExec(exec, to).catch(() => undefined);
    // Its shell does it before, unless the image has no stty.
    if (tty && size) await resize(size);
    const { stdin, stdout, stderr, close } = attachment;
    const exited = Promise.allSettled([
      finished(stdout, { writable: false }),
      finished(stderr, { writable: false }),
    ]).then(() => this.#code(engine, exec));
    let over = false;
    void exited.finally(() => (over = true)).catch(() => undefined);
    const hangUp = async (): Promise<void> => {
      if (over) return;
      close();
      await this.#hangUp(engine, container, id).catch(() => undefined);
    };
    return { tty, input: stdin, stdout, stderr, exited, resize, hangUp };
  }

  async #code(engine: Execs, exec: string): Promise<number> {
    const ended = await waitUntil(this.clock, { every: 50, within: CODE_WITHIN_MS }, async () => {
      const code = await engine.execResult(exec);
      return code !== undefined && { code };
    });
    if (ended) return ended.code;
    throw fail('ENGINE_FAILED', {
      action: 'report how the program ended',
      why: 'its output ended, but the program did not',
    });
  }

  async #hangUp(engine: Execs, container: string, id: string): Promise<void> {
    const { attachment } = await engine.exec(container, { command: ['sh', '-c', HANG_UP, 'sh', id], tty: false });
    attachment.stdout.resume();
    attachment.stderr.resume();
    attachment.endInput();
  }
}
