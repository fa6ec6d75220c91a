import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, rm, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '#values/size.ts';
import { lines, type Event, type NumberedEvent } from '#events';
import { HeldEvents } from './held-events.ts';

export interface LogLimits {
  /** Kept of the beginning. */
  readonly headBytes: number;
  /** Kept of the output at the end. */
  readonly tailBytes: number;
}

/** The longest line is the result of an operation. */
const LAST_BYTES = MiB;
const DEFAULT_LIMITS: LogLimits = { headBytes: 4 * MiB, tailBytes: MiB };

/**
 * Events of one operation, as JSON lines in a file. Followers read the file; in memory are only events that are not
 * written yet. If there is too much output, its middle is left out, with a notice in its place.
 */
export class EventLog {
  readonly #held = new HeldEvents();
  readonly #waiting = new Set<() => void>();
  #writing: Promise<void> = Promise.resolve();
  #next = 0;
  #writtenBytes = 0;
  #isFull = false;
  #ending: NumberedEvent | undefined;

  private constructor(
    private readonly path: string,
    private readonly limits: LogLimits,
  ) {}

  /** Continues the file if there is one; drops a truncated last line. */
  static async open(folder: string, id: string, limits = DEFAULT_LIMITS): Promise<EventLog> {
    await mkdir(folder, { recursive: true });
    const log = new EventLog(pathOf(folder, id), limits);
    const found = await lastEvent(log.path);
    if (found) log.#continue(found.event, found.bytes);
    return log;
  }

  static async remove(folder: string, id: string): Promise<void> {
    await rm(pathOf(folder, id), { force: true });
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  append(event: Event, now: number): void {
    if (this.#ending) return;
    const numbered = { ...event, n: this.#next, at: new Date(now).toISOString() };
    this.#next += 1;
    if (isEnding(numbered)) this.#ending = numbered;
    this.#held.add(numbered);
    this.#isFull ||= this.#writtenBytes + this.#held.bytes > this.limits.headBytes;
    if (this.#isFull) this.#held.limit(this.limits.tailBytes);
    this.#writing = this.#writing.then(() => this.#write());
    this.#wake();
  }

  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Yields events from number `from` on, until the end of the operation or an abort. */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    let [next, at] = [from, 0];
    while (!signal.aborted) {
      const written = this.#writtenBytes;
      const held = this.#held.from(next);
      if (at === written && held.length === 0) {
        if (this.#ending) return;
        await this.#more(signal);
        continue;
      }
      for await (const event of at < written ? eventsIn(this.path, at, written) : held) {
        if (event.n < next) continue;
        next = event.n + 1;
        yield event;
        if (signal.aborted) return;
      }
      at = written;
    }
  }

  #continue(last: NumberedEvent, bytes: number): void {
    this.#next = last.n + 1;
    this.#writtenBytes = bytes;
    if (isEnding(last)) this.#ending = last;
  }

  /** Writes everything held at once, as long as the beginning lasts. A full disk must not fail the operation. */
  async #write(): Promise<void> {
    if (this.#isFull && !this.#ending) return;
    const text = this.#held
      .take()
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
    if (text === '') return;
    await appendFile(this.path, text).then(
      () => this.#written(Buffer.byteLength(text)),
      () => this.#held.putBack(),
    );
  }

  #written(bytes: number): void {
    this.#held.written();
    this.#writtenBytes += bytes;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function pathOf(folder: string, id: string): string {
  return join(folder, `${id}.ndjson`);
}

function isEnding({ type }: NumberedEvent): boolean {
  return type === 'done' || type === 'failed';
}

/** Yields the events in a part of the file that begins and ends with whole lines. */
async function* eventsIn(path: string, start: number, end: number): AsyncGenerator<NumberedEvent> {
  for await (const line of lines(createReadStream(path, { start, end: end - 1 }))) yield* parseLine(line);
}

/** Returns the last whole line's event and where it ends, and cuts off what follows. */
async function lastEvent(path: string): Promise<{ event: NumberedEvent; bytes: number } | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { bytes, last } = await lastLine(file);
    await truncate(path, bytes);
    const [event] = parseLine(last);
    return event && { event, bytes };
  } finally {
    await file.close();
  }
}

/** No line is longer than `LAST_BYTES`. */
async function lastLine(file: FileHandle): Promise<{ bytes: number; last: string }> {
  const { size } = await file.stat();
  const start = Math.max(0, size - LAST_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
  const last = buffer.subarray(0, end).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
  return { bytes: start + end, last };
}

function parseLine(line: string): NumberedEvent[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as NumberedEvent];
  } catch {
    return [];
  }
}
