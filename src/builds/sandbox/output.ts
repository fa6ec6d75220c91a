import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { lines } from '#events';

const MAX_LINE = 10_000;
const TAIL = 12;
const LINES_AT_ONCE = 500;
/** A line of no bytes is an event, too. */
export const MOST_LINES = 250_000;

/** Escape sequences other than colors, which could rewrite a terminal. */
const ESCAPES = /\u001b(?:\[(?![0-9;]*m)[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[^[\]])/g;
/** Control characters except tab and the escape of colors. */
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f\u0080-\u009f]/g;

/** Sanitizes a line: the last state of a progress bar, no control characters, at most 10,000 characters. */
export function cleanLine(raw: string): string {
  const shown = raw.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const clean = shown.replace(ESCAPES, '').replace(CONTROL, '').trimEnd();
  return clean.length > MAX_LINE ? `${clean.slice(0, MAX_LINE)}…` : clean;
}

/** Last line of the build's driver: its results are complete. */
const DONE = '\u001edone';

/** Calls `hear` for each line as it arrives and `done` for the driver's last one. The last line may lack a newline. */
export async function readLines(
  stream: Readable,
  hear: (line: string) => void,
  done: () => void = () => undefined,
): Promise<void> {
  let read = 0;
  for await (const line of lines(stream as AsyncIterable<Buffer>, { limit: 4 * MAX_LINE })) {
    // A buildpack may not end its last line.
    const isLast = line.endsWith(DONE);
    if (line !== DONE) hear(cleanLine(isLast ? line.slice(0, -DONE.length) : line));
    if (isLast) done();
    read += 1;
    // One chunk may be thousands of lines.
    if (read % LINES_AT_ONCE === 0) await setImmediate();
  }
}

/** What a build prints, passed on line by line up to a limit of bytes and `MOST_LINES`; keeps the last lines. */
export class BuildOutput {
  readonly #tail: string[] = [];
  #bytesLeft: number;
  #linesLeft = MOST_LINES;
  #onLimit: () => void = () => undefined;
  /** Resolves when the build prints more than the limits; pending until then. */
  readonly exceeded = new Promise<void>((resolve) => {
    this.#onLimit = resolve;
  });

  constructor(
    private readonly emit: (line: string) => void,
    limitBytes: number,
  ) {
    this.#bytesLeft = limitBytes;
  }

  readonly line = (line: string): void => {
    this.#bytesLeft -= Buffer.byteLength(line) + 1;
    this.#linesLeft -= 1;
    if (this.#bytesLeft < 0 || this.#linesLeft < 0) return this.#onLimit();
    this.emit(line);
    if (line.trim() === '') return;
    this.#tail.push(line);
    if (this.#tail.length > TAIL) this.#tail.shift();
  };

  /** Its last non-empty lines. */
  get tail(): readonly string[] {
    return this.#tail;
  }
}
