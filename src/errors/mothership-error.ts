import { catalogue, type Catalogue, type ErrorCode } from './catalogue/index.ts';
import { defined } from '#values/defined.ts';
import { own } from '#values/own.ts';
import { textOf, type Entry, type Fault } from './entry.ts';

type Facts<C extends ErrorCode> = Catalogue[C] extends Entry<infer P> ? P : never;

export interface ErrorBody {
  code: string;
  message: string;
  suggestion?: string;
  ref?: string;
}

/** The only error meant for users; any other is a bug and shown as INTERNAL. */
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

  /** The format on the wire and of `--json`. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...defined({ suggestion: this.suggestion, ref: this.ref }),
    };
  }
}

/** Creates a catalogue error from its facts: `throw fail('APP_NOT_FOUND', {app})`. */
export function fail<C extends ErrorCode>(code: C, facts: Facts<C>, cause?: unknown): MothershipError {
  const entry = catalogue[code] as unknown as Entry<Facts<C>>;
  const suggestion = entry.suggestion && textOf(entry.suggestion, facts);
  const ref = (facts as { ref?: string }).ref;
  return new MothershipError(
    { code, message: textOf(entry.message, facts), ...defined({ suggestion, ref }) },
    entry,
    cause,
  );
}

/** Restores an error received from the API; an unknown code keeps its message and exits with 1. */
export function fromBody(body: ErrorBody, status: number): MothershipError {
  const entry = own(catalogue as Record<string, { exit: number; fault: Fault }>, body.code);
  return new MothershipError(body, { status, exit: entry?.exit ?? 1, fault: entry?.fault ?? 'platform' });
}

export function isMothershipError(error: unknown, code?: ErrorCode): error is MothershipError {
  return error instanceof MothershipError && (code === undefined || error.code === code);
}
