/** Who can fix the error. */
export type Fault = 'user' | 'app' | 'platform';

/** Exit codes of the CLI; stable for scripts: see README. */
export const ExitCode = { ok: 0, failed: 1, usage: 2, partial: 3, running: 4, cancelled: 130 } as const;

/** A catalogue entry. `P` are the facts in its sentence. */
export interface Entry<P = Record<string, never>> {
  readonly status: number;
  readonly exit: number;
  readonly fault: Fault;
  readonly message: (facts: P) => string;
  readonly suggestion?: (facts: P) => string;
}

/** An invalid request: exit 2. */
export function usage<P>(message: Entry<P>['message'], suggestion?: Entry<P>['suggestion'], status = 422): Entry<P> {
  return entry({ status, exit: ExitCode.usage, fault: 'user', message }, suggestion);
}

/** A valid request that failed: exit 1. */
export function failure<P>(
  status: number,
  fault: Fault,
  message: Entry<P>['message'],
  suggestion?: Entry<P>['suggestion'],
  exit: number = ExitCode.failed,
): Entry<P> {
  return entry({ status, exit, fault, message }, suggestion);
}

function entry<P>(base: Omit<Entry<P>, 'suggestion'>, suggestion?: Entry<P>['suggestion']): Entry<P> {
  return suggestion ? { ...base, suggestion } : base;
}
