/** Steps of long work in the order a user sees them; `deploy` prints how long each took. */
export type Phase =
  'upload' | 'build' | 'image' | 'push' | 'release' | 'start' | 'ready' | 'routed' | 'drained' | (string & {});

/** What long work tells about itself. The library emits these; the edge renders them. */
export type Event =
  | {
      readonly type: 'phase';
      readonly phase: Phase;
      readonly state: 'started' | 'done' | 'failed';
      readonly ms?: number;
      readonly detail?: string;
    }
  /** A line that a build, a release command or a failing task wrote. */
  | { readonly type: 'output'; readonly source: string; readonly line: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly message: string }
  | { readonly type: 'failed'; readonly error: { code: string; message: string; suggestion?: string; ref?: string } }
  | { readonly type: 'done'; readonly result: Record<string, unknown> };

/** An event as it is kept and streamed: `n` counts from 0, so that `from=<n>` resumes. */
export type NumberedEvent = Event & { readonly n: number; readonly at: string };
