import type { Clock } from '#events';

/** Time for nodes to pull images; a process's own boot time starts afterwards, like Heroku's. */
const IMAGES_MS = 300_000;

/** When to give up on processes that start: after their boot time, not counting the time that nodes pull images. */
export class BootDeadline {
  readonly #latest: number;
  #at: number;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly bootMs: number,
  ) {
    this.#at = clock.now() + bootMs;
    this.#latest = this.#at + IMAGES_MS;
  }

  /** A node is pulling or unpacking the image right now. */
  extend(): void {
    this.#at = Math.min(this.clock.now() + this.bootMs, this.#latest);
  }

  get isOver(): boolean {
    return this.clock.now() >= this.#at;
  }
}
