import type { Clock } from './clock.ts';

/** Moves while there is progress, up to a last one. All in milliseconds. */
export class Deadline {
  readonly #latest: number;
  #end: number;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly times: { readonly within: number; readonly atMost: number },
  ) {
    this.#latest = clock.now() + times.atMost;
    this.#end = clock.now() + times.within;
  }

  get isOver(): boolean {
    return this.clock.now() >= this.#end;
  }

  extend(): void {
    this.#end = Math.min(this.clock.now() + this.times.within, this.#latest);
  }
}
