import { fail, isMothershipError } from '#errors';

export interface RequestWords {
  /** The request, phrased to follow "failed to". */
  readonly action: string;
  /** The object, for CONFLICT and ENGINE_NAME_TAKEN. */
  readonly what?: string;
  /** Whether the call creates an object whose name may be taken. */
  readonly names?: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface ModemError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

/** Converts docker-modem's error to a catalogue error; an aborted call rejects with its signal's reason. */
export function translate(error: unknown, words: RequestWords, where: string): unknown {
  if (words.signal?.aborted) return words.signal.reason;
  if (isMothershipError(error)) return error;
  const { statusCode, code, message } = error as ModemError;
  if (statusCode === undefined)
    return fail('ENGINE_UNREACHABLE', { where, why: code ? `${code}: ${message}` : message }, error);
  const why = reasonIn(message, statusCode);
  const what = words.what ?? 'the object';
  if (why.includes('does not have a leader')) return fail('QUORUM_LOST', { where }, error);
  if (isOutOfSequence(why)) return fail('CONFLICT', { what }, error);
  if (words.names && isNameTaken(why, statusCode)) return fail('ENGINE_NAME_TAKEN', { what }, error);
  return fail('ENGINE_FAILED', { action: words.action, why }, error);
}

/** Returns the engine's status code, if the engine returned the error. */
export function statusOf(error: unknown): number | undefined {
  return isMothershipError(error) ? (error.cause as ModemError | undefined)?.statusCode : undefined;
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Returns the engine's message without docker-modem's "(HTTP code 500) unexpected - …". */
export function reasonOf(error: unknown): string {
  const { message, statusCode } = (isMothershipError(error) ? (error.cause ?? error) : error) as ModemError;
  return statusCode === undefined ? message : reasonIn(message, statusCode);
}

function reasonIn(message: string, statusCode: number): string {
  return (
    message
      .replace(/^\(HTTP code \d+\) [^-]* - /, '')
      .trim()
      .replace(/\.$/, '') || `HTTP status ${statusCode}`
  );
}

/** Swarm has no status code for a stale version: gRPC "unknown" becomes HTTP 500, so only the text tells. */
function isOutOfSequence(why: string): boolean {
  return why.includes('update out of sequence');
}

/** Swarm objects and containers return 409; local networks have returned 403 with a message. */
function isNameTaken(why: string, statusCode: number): boolean {
  return statusCode === 409 || /already exists|already in use|name conflicts/.test(why);
}
