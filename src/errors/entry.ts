/** Who can fix the error. */
export type Fault = 'user' | 'app' | 'platform';

/** Exit codes of the CLI; stable for scripts: see README. */
export const ExitCode = { ok: 0, failed: 1, usage: 2, partial: 3, running: 4, cancelled: 130 } as const;

/** A catalogue entry. `P` are the facts in its sentence. */
export interface Entry<P = Record<string, never>> {
  readonly status: number;
  readonly exit: number;
  readonly fault: Fault;
  readonly message: Text<P>;
  readonly suggestion?: Text<P>;
}

type Text<P> = string | ((facts: P) => string);

export function textOf<P>(text: Text<P>, facts: P): string {
  return typeof text === 'string' ? text : text(facts);
}

/** An invalid request: exit 2. */
export function usage<P>(message: Text<P>, suggestion?: Text<P>, status = 422): Entry<P> {
  return entry({ status, exit: ExitCode.usage, fault: 'user', message }, suggestion);
}

/** A valid request that failed: exit 1. */
export function failure<P>(
  status: number,
  fault: Fault,
  message: Text<P>,
  suggestion?: Text<P>,
  exit: number = ExitCode.failed,
): Entry<P> {
  return entry({ status, exit, fault, message }, suggestion);
}

function entry<P>(base: Omit<Entry<P>, 'suggestion'>, suggestion?: Text<P>): Entry<P> {
  return suggestion ? { ...base, suggestion } : base;
}

/** The end of what a program printed, for the end of a message. */
export function lastLines(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ` Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
