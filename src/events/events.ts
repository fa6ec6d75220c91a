/** Phases of long work in the order users see them; `deploy` prints their durations. */
export type Phase =
  'upload' | 'build' | 'image' | 'push' | 'release' | 'start' | 'ready' | 'routed' | 'drained' | (string & {});

/** What long work reports. The library emits events; the CLI renders them. */
export type Event =
  | {
      readonly type: 'phase';
      readonly phase: Phase;
      readonly state: 'started' | 'done' | 'failed';
      readonly ms?: number;
      readonly detail?: string;
    }
  /** A line of output from a build, a release command or a failing task. */
  | { readonly type: 'output'; readonly source: string; readonly line: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly message: string }
  | { readonly type: 'failed'; readonly error: { code: string; message: string; suggestion?: string; ref?: string } }
  | { readonly type: 'done'; readonly result: Record<string, unknown> };

/** An event as stored and streamed: `n` starts at 0, and `from=<n>` resumes. */
export type NumberedEvent = Event & { readonly n: number; readonly at: string };
