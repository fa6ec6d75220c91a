/** One message of a pull or push; `id` is the layer's. */
export interface ProgressJson {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly Digest?: string };
}

/** Sums up an engine's push or pull messages and reports each new status of a layer once. */
export class TransferProgress {
  readonly #onLine: (line: string) => void;
  readonly #told = new Set<string>();
  readonly #sizes = new Map<string, number>();
  readonly #states = new Map<string, string>();
  digest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  get layers(): { pushed: number; known: number } {
    const count = (...states: string[]): number =>
      [...this.#states.values()].filter((state) => states.includes(state)).length;
    return {
      pushed: count('Pushed'),
      known: count('Layer already exists') + [...this.#states.values()].filter(isMounted).length,
    };
  }

  /** Uncompressed bytes of pushed layers, as counted by the engine. */
  get bytes(): number {
    return [...this.#states].reduce(
      (sum, [id, state]) => (state === 'Pushed' ? sum + (this.#sizes.get(id) ?? 0) : sum),
      0,
    );
  }

  take({ id, status, progressDetail, aux }: ProgressJson): void {
    if (aux?.Digest) this.digest = aux.Digest;
    if (id && status) this.#states.set(id, status);
    // The total of a small layer is less than what is sent: it excludes tar's padding.
    if (id && progressDetail?.current) this.#sizes.set(id, Math.max(progressDetail.current, progressDetail.total ?? 0));
    const line = id ? `${id}: ${status}` : (status ?? '');
    if (line && !this.#told.has(line)) this.#onLine(line);
    this.#told.add(line);
  }
}

function isMounted(state: string): boolean {
  return state.startsWith('Mounted from');
}
