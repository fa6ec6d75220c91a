import { own } from '#values/own.ts';
import { expand, type Lookup } from './words.ts';

const NAME = /^[A-Za-z_]\w*$/;
/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const PLATFORM: Readonly<Record<string, string>> = Object.fromEntries(
  ['TARGET', 'BUILD'].flatMap((side) => [
    [`${side}PLATFORM`, 'linux/amd64'],
    [`${side}OS`, 'linux'],
    [`${side}ARCH`, 'amd64'],
    [`${side}VARIANT`, ''],
  ]),
);

/** Variables at one point of a Dockerfile: ARG and ENV, of which ENV wins. */
export class Scope {
  readonly #args = new Map<string, string | undefined>();
  readonly #env: Map<string, string | undefined>;

  private constructor(
    private readonly buildArgs: Readonly<Record<string, string>>,
    private readonly defaults: (name: string) => string | undefined,
    env: ReadonlyMap<string, string | undefined> = new Map(),
  ) {
    this.#env = new Map(env);
  }

  /** Before the first FROM. */
  static global(buildArgs: Readonly<Record<string, string>>): Scope {
    const scope = new Scope(buildArgs, () => undefined);
    for (const [name, value] of Object.entries(PLATFORM)) scope.#args.set(name, value);
    return scope;
  }

  /** A stage starts with the ENV of the stage that it is from. */
  stage(from: Scope | undefined): Scope {
    return new Scope(this.buildArgs, (name) => this.lookup(name), from === undefined ? undefined : from.#env);
  }

  /** Undefined if unknown: the image may set it. */
  readonly lookup: Lookup = (name) => {
    if (this.#env.has(name)) return this.#env.get(name);
    if (this.#args.has(name)) return this.#args.get(name);
    return undefined;
  };

  arg(words: readonly string[]): void {
    for (const word of words) {
      const [name, value] = this.#pair(word);
      const given = own(this.buildArgs, name) ?? value ?? own(PLATFORM, name) ?? this.defaults(name);
      if (NAME.test(name)) this.#args.set(name, given);
    }
  }

  /** `name=value ...`, or the old form `name value`. */
  env(rest: string, words: readonly string[]): void {
    const [first = ''] = words;
    const pairs = first.includes('=')
      ? words.map((word) => this.#pair(word))
      : [[first, this.#value(rest.slice(first.length))] as const];
    for (const [name, value] of pairs) if (NAME.test(name)) this.#env.set(name, value);
  }

  #pair(word: string): readonly [name: string, value: string | undefined] {
    const at = word.indexOf('=');
    const name = (at < 0 ? word : word.slice(0, at)).replace(/["']/g, '');
    return [name, at < 0 ? undefined : this.#value(word.slice(at + 1))];
  }

  #value(text: string): string | undefined {
    const value = expand(text.trim(), this.lookup);
    return value && value.unknownAt === undefined ? value.text : undefined;
  }
}
