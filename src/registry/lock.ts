/** A lock that is shared, or exclusive without waiting. */
export class SharedLock {
  #alone: Promise<unknown> | undefined;
  #together = 0;

  /** Waits for an exclusive holder. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone;
    this.#together += 1;
    try {
      return await work();
    } finally {
      this.#together -= 1;
    }
  }

  /** Returns undefined without running `work` if the lock is held. */
  async alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#alone || this.#together > 0) return undefined;
    const running = work();
    this.#alone = running.catch(() => undefined);
    try {
      return await running;
    } finally {
      this.#alone = undefined;
    }
  }
}
