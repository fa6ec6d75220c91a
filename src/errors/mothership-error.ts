import { catalogue, type Catalogue, type ErrorCode } from './catalogue/index.ts';
import type { Entry, Fault } from './entry.ts';

export type Facts<C extends ErrorCode> = Catalogue[C] extends Entry<infer P> ? P : never;

export interface ErrorBody {
  code: string;
  message: string;
  suggestion?: string;
  ref?: string;
}

/** The only error that is meant for people; anything else is a bug and is shown as INTERNAL. */
export class MothershipError extends Error {
  readonly code: string;
  readonly status: number;
  readonly exit: number;
  readonly fault: Fault;
  readonly suggestion?: string;
  readonly ref?: string;

  constructor(body: ErrorBody, kind: { status: number; exit: number; fault: Fault }, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.name = 'MothershipError';
    this.code = body.code;
    this.status = kind.status;
    this.exit = kind.exit;
    this.fault = kind.fault;
    if (body.suggestion) this.suggestion = body.suggestion;
    if (body.ref) this.ref = body.ref;
  }

  /** The form in which an error crosses the wire, and the one `--json` prints. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.suggestion ? { suggestion: this.suggestion } : {}),
      ...(this.ref ? { ref: this.ref } : {}),
    };
  }
}

/** Makes the catalogue's error `code` from its facts: `throw fail('APP_NOT_FOUND', {app})`. */
export function fail<C extends ErrorCode>(code: C, facts: Facts<C>, cause?: unknown): MothershipError {
  const entry = catalogue[code] as unknown as Entry<Facts<C>>;
  const suggestion = entry.suggestion?.(facts);
  const ref = (facts as { ref?: string }).ref;
  return new MothershipError(
    { code, message: entry.message(facts), ...(suggestion ? { suggestion } : {}), ...(ref ? { ref } : {}) },
    entry,
    cause,
  );
}

/** Rebuilds an error that came over the wire; an unknown code keeps its words and exits 1. */
export function fromBody(body: ErrorBody, status: number): MothershipError {
  const entry = (catalogue as Record<string, { exit: number; fault: Fault } | undefined>)[body.code];
  return new MothershipError(body, { status, exit: entry?.exit ?? 1, fault: entry?.fault ?? 'platform' });
}

export function isMothershipError(error: unknown, code?: ErrorCode): error is MothershipError {
  return error instanceof MothershipError && (code === undefined || error.code === code);
}
