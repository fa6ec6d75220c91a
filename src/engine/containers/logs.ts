import type { Connection } from '../connection/connection.ts';
import type { LogLine, LogOptions } from './containers.ts';
import { frames, terminalFrames, type Frame } from './frames.ts';
import { translate } from '../connection/refusal.ts';

/** Longer lines are split into pieces of about this size. */
const LONGEST_LINE = 64 * 1024;
const NEWLINE = 0x0a;

/** Yields the lines of `path` (an engine's `…/logs`), oldest first; ends without an error when the signal aborts. */
export async function* logLines(
  engine: Connection,
  path: string,
  options: LogOptions & { readonly tty: boolean; readonly whose: string },
): AsyncGenerator<LogLine> {
  const { signal } = options;
  const call = { path, query: logQuery(options), action: `send the logs of ${options.whose}`, signal };
  try {
    signal?.throwIfAborted();
    const body = await engine.stream(call);
    yield* linesOf(options.tty ? terminalFrames(body) : frames(body));
  } catch (error) {
    if (!signal?.aborted) throw translate(error, call, engine.where);
  }
}

function logQuery(options: LogOptions): Record<string, unknown> {
  return {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail: options.tail ?? 'all',
    follow: options.follow,
    since: options.since,
  };
}

/**
 * The engine sends lines longer than 16 KiB in several frames, each with a timestamp and only the last with a newline.
 */
async function* linesOf(source: AsyncIterable<Frame>): AsyncGenerator<LogLine> {
  const pending = new Map<LogLine['stream'], { at: string; parts: Buffer[]; size: number }>();
  for await (const { stream, payload } of source) {
    const space = payload.indexOf(' ');
    const text = payload.subarray(space + 1);
    const line = pending.get(stream) ?? { at: payload.toString('latin1', 0, Math.max(space, 0)), parts: [], size: 0 };
    line.parts.push(text);
    line.size += text.length;
    if (text.at(-1) === NEWLINE || line.size >= LONGEST_LINE) {
      pending.delete(stream);
      yield logLine(stream, line);
    } else {
      pending.set(stream, line);
    }
  }
  for (const [stream, line] of pending) yield logLine(stream, line);
}

function logLine(stream: LogLine['stream'], line: { at: string; parts: Buffer[] }): LogLine {
  return {
    stream,
    at: line.at,
    line: Buffer.concat(line.parts)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  };
}
