/** Many may work at once, or one alone, who does not wait for a moment to be alone. */
export class SharedLock {
  #alone: Promise<unknown> | undefined;
  #together = 0;

  /** Waits for whoever is alone. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone;
    this.#together += 1;
    try {
      return await work();
    } finally {
      this.#together -= 1;
    }
  }

  /** Undefined, with nothing done, while anybody else works. */
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
