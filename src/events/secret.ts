import { inspect } from 'node:util';

const MASK = '********';

/** A value that is only shown by `reveal`; any other way of printing it shows a mask. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** Environment of a process: values may be secret, so only the engine's adapter reveals them. */
export type Env = Readonly<Record<string, Secret | string>>;

export function reveal(value: Secret | string): string {
  return typeof value === 'string' ? value : value.reveal();
}
