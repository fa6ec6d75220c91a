import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event, NumberedEvent } from '#events';

/** Maximum number of lines per operation; longer output loses its middle, not its end. */
const MOST_EVENTS = 50_000;

/**
 * Events of one operation: in memory while it runs, and appended to a file as JSON lines so that they survive a
 * restart.
 */
export class EventLog {
  readonly #path: string;
  readonly #events: NumberedEvent[];
  readonly #waiting = new Set<() => void>();
  #writing: Promise<void> = Promise.resolve();
  #unwritten: string[] = [];

  private constructor(path: string, events: NumberedEvent[]) {
    this.#path = path;
    this.#events = events;
  }

  static async create(folder: string, id: string): Promise<EventLog> {
    await mkdir(folder, { recursive: true });
    return new EventLog(pathOf(folder, id), []);
  }

  /** Returns undefined if there is no file; a truncated last line is dropped. */
  static async load(folder: string, id: string): Promise<EventLog | undefined> {
    const text = await readFile(pathOf(folder, id), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : new EventLog(pathOf(folder, id), text.split('\n').flatMap(parseLine));
  }

  static async remove(folder: string, id: string): Promise<void> {
    await rm(pathOf(folder, id), { force: true });
  }

  get ending(): NumberedEvent | undefined {
    const last = this.#events.at(-1);
    return last?.type === 'done' || last?.type === 'failed' ? last : undefined;
  }

  get first(): NumberedEvent | undefined {
    return this.#events[0];
  }

  append(event: Event, now: number): void {
    if (this.ending || (event.type === 'output' && this.#events.length >= MOST_EVENTS)) return;
    const numbered = { ...event, n: this.#events.length, at: new Date(now).toISOString() };
    this.#events.push(numbered);
    this.#unwritten.push(`${JSON.stringify(numbered)}\n`);
    this.#writing = this.#writing.then(() => this.#write());
    for (const wake of [...this.#waiting]) wake();
  }

  /** Writes everything queued at once. A full disk must not fail the operation. */
  async #write(): Promise<void> {
    const lines = this.#unwritten.splice(0);
    if (lines.length > 0) await appendFile(this.#path, lines.join('')).catch(() => undefined);
  }

  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Yields events from number `from` on, until the end of the operation or an abort. */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    for (let n = from; !signal.aborted;) {
      const event = this.#events[n];
      if (event) {
        yield event;
        n += 1;
      } else if (this.ending) return;
      else await this.#more(signal);
    }
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

function parseLine(line: string): NumberedEvent[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as NumberedEvent];
  } catch {
    return [];
  }
}
