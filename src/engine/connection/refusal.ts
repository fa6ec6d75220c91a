import { fail, isMothershipError } from '../../errors/index.ts';

export interface RequestWords {
  /** What was asked, in words that follow "refused to". */
  readonly action: string;
  /** The object, for CONFLICT and ENGINE_NAME_TAKEN. */
  readonly what?: string;
  /** Whether the call makes an object under a name that may be taken. */
  readonly names?: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface ModemError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

/** Turns what docker-modem rejects with into an error of the catalogue; an aborted call rejects with its signal's reason. */
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

/** The engine's status code behind an error, if it was the engine who refused. */
export function statusOf(error: unknown): number | undefined {
  return isMothershipError(error) ? (error.cause as ModemError | undefined)?.statusCode : undefined;
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** What the engine said, without docker-modem's frame "(HTTP code 500) unexpected - …". */
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

/** Swarm has no code of its own for a stale version: gRPC "unknown" becomes HTTP 500, only the text tells. */
function isOutOfSequence(why: string): boolean {
  return why.includes('update out of sequence');
}

/** Objects of the Swarm and containers answer 409; local networks have answered 403 with words. */
function isNameTaken(why: string, statusCode: number): boolean {
  return statusCode === 409 || /already exists|already in use|name conflicts/.test(why);
}
