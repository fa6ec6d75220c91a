import type { Engine } from '../engine/index.ts';
import type { Clock, Event } from '../events/index.ts';
import type { BuildInput, BuildResult } from './build.ts';

/** Turns source into an image: by buildpacks in a limited container, or from a Dockerfile by the engine. */
export class Builder {
  readonly #engine: Engine;
  readonly #clock: Clock;

  constructor({ engine, clock }: { engine: Engine; clock: Clock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Emits phases `build` and `image` and the build's output. Aborting `signal` kills the build and throws CANCELLED. */
  build(_input: BuildInput, _emit: (event: Event) => void, _signal: AbortSignal): Promise<BuildResult> {
    void this.#engine;
    void this.#clock;
    return Promise.reject(new TypeError('not there yet'));
  }

  /** Removes what builds of an earlier life of this process left; call it when none runs. */
  cleanUp(): Promise<void> {
    return Promise.resolve();
  }
}
