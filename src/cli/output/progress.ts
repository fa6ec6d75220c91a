import { own } from '#values/own.ts';
import type { Event } from '#events';
import { hasColor, isTerminal, type Io } from '../program/io.ts';
import { clean, formatDuration, painter, printable, type Paint } from './text.ts';

const TITLES: Readonly<Record<string, string>> = {
  upload: 'Uploading source',
  build: 'Building',
  image: 'Creating image',
  push: 'Pushing image',
  release: 'Running release command',
  start: 'Starting',
  ready: 'Starting new processes',
  routed: 'Switching routes',
  drained: 'Draining old processes',
};
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TICK = 100;

/**
 * Shows progress on stderr: a line for each finished phase, and on a terminal a moving line for the current one. Within
 * a step (`start` to `done`), phases only move that line, and the step ends with a line of its own.
 */
export class Progress {
  /** Milliseconds of each finished phase, in order. */
  readonly timings: Record<string, number> = {};
  readonly #io: Io;
  readonly #paint: Paint;
  readonly #moving: boolean;
  readonly #started = new Map<string, number>();
  #step: string | undefined;
  #phase: string | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(io: Io) {
    this.#io = io;
    this.#paint = painter(io.stderr, io);
    this.#moving = isTerminal(io.stderr, io);
  }

  notify(event: Event): void {
    if (event.type === 'phase') this.#notePhase(event);
    if (event.type === 'output') this.#write(this.#outputLine(event));
    if (event.type === 'notice')
      this.#write(
        ` ${event.level === 'warning' ? this.#paint('yellow', '›   Warning:') : '›  '} ${clean(event.message)}`,
      );
  }

  /** Begins a step, such as `Setting FOO on shop`. */
  start(label: string): void {
    this.#step = clean(label);
    this.#move();
  }

  /** Ends the step, if there is one: `Setting FOO on shop... done, v12`. */
  done(result = 'done'): void {
    this.#end(clean(result));
  }

  failed(): void {
    this.#end(this.#paint('red', '!'));
  }

  line(text: string): void {
    this.#write(clean(text));
  }

  /** Hides the moving line, for example before a prompt; the next event shows it again. */
  pause(): void {
    this.#erase();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  stop(): void {
    this.pause();
    this.#step = this.#phase = undefined;
  }

  #notePhase({ phase, state, ms, detail }: Event & { type: 'phase' }): void {
    const now = this.#io.clock.now();
    if (state === 'started') {
      this.#started.set(phase, now);
      this.#phase = phase;
      return this.#move();
    }
    this.#phase = undefined;
    const took = ms ?? now - (this.#started.get(phase) ?? now);
    if (state === 'done') this.timings[phase] = took;
    if (this.#step !== undefined) return;
    const result = state === 'done' ? `done, ${formatDuration(took)}` : this.#paint('red', '!');
    this.pause();
    this.#write(`${titleOf(phase)}... ${result}${detail ? ` (${clean(detail)})` : ''}`);
  }

  /** Writes a clean line above the moving one. */
  #write(text: string): void {
    this.#erase();
    this.#io.stderr.write(`${text}\n`);
    this.#draw();
  }

  #end(result: string): void {
    const label = this.#step ?? (this.#phase && titleOf(this.#phase));
    const worthALine = this.#step !== undefined || result !== 'done';
    this.stop();
    if (label && worthALine) this.#io.stderr.write(`${label}... ${result}\n`);
  }

  #move(): void {
    this.#since = this.#io.clock.now();
    if (!this.#moving) return;
    this.#timer ??= setInterval(() => this.#draw(), TICK).unref();
    this.#draw();
  }

  #draw(): void {
    if (!this.#timer) return;
    const phase = this.#phase && titleOf(this.#phase);
    const label = this.#step && phase ? `${this.#step}... ${phase.toLowerCase()}` : (this.#step ?? phase ?? '');
    const seconds = Math.floor((this.#io.clock.now() - this.#since) / 1000);
    const text = `${label}... ${seconds > 0 ? `${seconds}s` : ''}`.slice(0, (this.#io.stderr.columns ?? 80) - 3);
    this.#io.stderr.write(`\r\x1b[K${this.#paint('magenta', FRAMES[this.#frame++ % FRAMES.length] ?? '')} ${text}`);
  }

  #erase(): void {
    if (this.#timer) this.#io.stderr.write('\r\x1b[K');
  }

  #outputLine({ source, line }: Event & { type: 'output' }): string {
    const text = printable(line, hasColor(this.#io.stderr, this.#io));
    return source === 'build' ? text : `${this.#paint('cyan', `${source}:`)} ${text}`;
  }
}

function titleOf(phase: string): string {
  return own(TITLES, phase) ?? clean(phase);
}

/** `upload 0.4s  build 12.3s  …  total 15.9s`. */
export function timingsLine(timings: Readonly<Record<string, number>>, total: number): string {
  return [...Object.entries(timings), ['total', total] as const]
    .map(([phase, ms]) => `${phase} ${formatDuration(ms)}`)
    .join('  ');
}
