/** The parameters of a call: `Filter.1.Value.2=x` is a tree, whose numbered branches are lists. */
export class Query {
  private readonly branches = new Map<string, Query>();
  private value: string | undefined;

  static parse(body: string): Query {
    const root = new Query();
    for (const [name, value] of new URLSearchParams(body)) root.#set(name.split('.'), value);
    return root;
  }

  /** `at('Ebs.VolumeSize')`; undefined when it was not given. */
  at(path: string): string | undefined {
    return this.branch(path)?.value;
  }

  branch(path: string): Query | undefined {
    return path.split('.').reduce<Query | undefined>((query, part) => query?.branches.get(part), this);
  }

  /** The numbered branches of a list, in order. */
  list(path: string): Query[] {
    const all = this.branch(path)?.branches ?? new Map<string, Query>();
    return [...all]
      .filter(([name]) => /^\d+$/.test(name))
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, query]) => query);
  }

  strings(path: string): string[] {
    return this.list(path).flatMap((each) => (each.value === undefined ? [] : [each.value]));
  }

  /** Everything given, as `[name, value]`, in the order of names. */
  entries(prefix = ''): [string, string][] {
    const own: [string, string][] = this.value === undefined ? [] : [[prefix, this.value]];
    const below = [...this.branches].flatMap(([name, query]) => query.entries(prefix ? `${prefix}.${name}` : name));
    return [...own, ...below].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #set([first, ...rest]: string[], value: string): void {
    if (first === undefined) {
      this.value = value;
      return;
    }
    const branch = this.branches.get(first) ?? new Query();
    this.branches.set(first, branch);
    branch.#set(rest, value);
  }
}
