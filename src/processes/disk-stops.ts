import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that was stopped because it filled its node's disk. */
export interface DiskStop {
  readonly at: string;
  readonly app: string;
  /** `web.1`, `run.1234`. */
  readonly ps: string;
  readonly container: string;
  /** As the end of a sentence about it: `was stopped (R20): …`. */
  readonly why: string;
}

/** Stops that are remembered, by all apps. */
const REMEMBERED = 200;

/** In a file of the controller's volume, so that the next controller on its node knows them, too. */
export class DiskStops {
  #all: readonly DiskStop[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly dataDir: string) {}

  of(app: string): readonly DiskStop[] {
    return this.#all.filter((stop) => stop.app === app);
  }

  /** Reads what earlier controllers have stopped. Throws if the file is damaged; the next stop replaces it. */
  async load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '[]');
    this.#all = [...(JSON.parse(text) as DiskStop[]), ...this.#all];
  }

  /** Adds it unless its container is known. */
  async add(stop: DiskStop): Promise<void> {
    if (this.#all.some(({ container }) => container === stop.container)) return;
    this.#all = [...this.#all, stop].slice(-REMEMBERED);
    // One after another: two nodes may have a stop at the same time.
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify(this.#all));
    await rename(`${this.#file}.new`, this.#file);
  }

  get #file(): string {
    return join(this.dataDir, 'disk-stops.json');
  }
}
