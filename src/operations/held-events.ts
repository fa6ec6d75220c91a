import { counted } from '#values/counted.ts';
import { inMegabytes } from '#values/size.ts';
import type { NumberedEvent } from '#events';

/** Of an event's numbers, names and quotes. */
const ENVELOPE_BYTES = 100;

/** Events that are not in the file yet. */
export class HeldEvents {
  #waiting: NumberedEvent[] = [];
  /** Being written. */
  #taken: readonly NumberedEvent[] = [];
  #takenBytes = 0;
  #waitingBytes = 0;
  #cut: { readonly n: number; readonly at: string; lines: number; bytes: number } | undefined;

  /** About as many bytes as they take in the file. */
  get bytes(): number {
    return this.#takenBytes + this.#waitingBytes;
  }

  add(event: NumberedEvent): void {
    this.#waiting.push(event);
    this.#waitingBytes += bytesOf(event);
  }

  /** Leaves out the oldest output until the events take no more than `limitBytes`. */
  limit(limitBytes: number): void {
    while (this.#waitingBytes > limitBytes && this.#leaveOut());
  }

  /** Events from number `n` on. */
  from(n: number): readonly NumberedEvent[] {
    const all = [...this.#taken, ...this.#all()];
    return all.slice(all.findLastIndex((event) => event.n < n) + 1);
  }

  /** Returns all; call `written` or `putBack` afterwards. */
  take(): readonly NumberedEvent[] {
    this.#taken = this.#all();
    this.#takenBytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#cut = undefined;
    return this.#taken;
  }

  written(): void {
    this.#taken = [];
    this.#takenBytes = 0;
  }

  putBack(): void {
    this.#waiting = [...this.#taken, ...this.#waiting];
    this.#waitingBytes += this.#takenBytes;
    this.written();
  }

  /** Returns false if no output is left. */
  #leaveOut(): boolean {
    const index = this.#waiting.findIndex(({ type }) => type === 'output');
    const [event] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (!event) return false;
    const bytes = bytesOf(event);
    this.#waitingBytes -= bytes;
    this.#cut ??= { n: event.n, at: event.at, lines: 0, bytes: 0 };
    this.#cut.lines += 1;
    this.#cut.bytes += bytes - ENVELOPE_BYTES;
    return true;
  }

  /** The notice about what was left out takes the number of the first event that was. */
  #all(): NumberedEvent[] {
    if (!this.#cut) return this.#waiting;
    const { n, at, lines, bytes } = this.#cut;
    const size = inMegabytes(bytes);
    const message = `Left out ${counted(lines, 'lines')} of output here, ${size}: there was too much of it.`;
    const notice: NumberedEvent = { type: 'notice', level: 'warning', message, n, at };
    return [...this.#waiting, notice].sort((a, b) => a.n - b.n);
  }
}

function bytesOf(event: NumberedEvent): number {
  const text = event.type === 'output' ? event.line : event.type === 'notice' ? event.message : '';
  return ENVELOPE_BYTES + Buffer.byteLength(text);
}
