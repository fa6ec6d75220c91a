import { ExitCode, fail, isMothershipError, type MothershipError } from '#errors';
import type { Io } from './io.ts';
import { oneLine, usageSentence } from './usage-sentence.ts';
import { clean, painter, toJson } from '../output/text.ts';

/** Converts any error to one of the catalogue: oclif's parse errors become usage errors, others internal errors. */
export function toMothershipError(error: unknown, command: string): MothershipError {
  if (isMothershipError(error)) return error;
  const { message = String(error), oclif, name } = (error ?? {}) as Error & { oclif?: { exit?: number } };
  if (oclif) return fail('USAGE_INVALID', { why: usageSentence(message), command }, error);
  if (name === 'AbortError') return fail('CANCELLED', { what: 'The command' }, error);
  // Node's call for the current folder, which libraries make too.
  if (/\buv_cwd\b/.test(message)) return fail('FOLDER_GONE', {}, error);
  return fail('CLI_BROKEN', { why: oneLine(message) }, error);
}

/**
 * Prints an error on stderr. As JSON it is the API's error body on one line, so that stdout contains only results and
 * the last line of stderr is the error.
 */
export function writeError(error: MothershipError, io: Io, json: boolean): void {
  if (json) return void io.stderr.write(`${toJson(error.toJSON())}\n`);
  const paint = painter(io.stderr, io);
  const bullet = paint(error.exit === ExitCode.cancelled ? 'yellow' : 'red', '›');
  const lines = [
    `Error: ${error.message}`,
    ...(error.suggestion ? ['', `Try this: ${error.suggestion}`] : []),
    ...(error.ref ? [`Reference: ${error.ref}`] : []),
  ];
  io.stderr.write(
    `${lines
      .flatMap((line) => line.split('\n'))
      .map((line) => ` ${bullet}   ${clean(line)}`.trimEnd())
      .join('\n')}\n`,
  );
  if (error.code === 'CLI_BROKEN' && io.env['MOTHERSHIP_DEBUG'] && error.cause instanceof Error)
    io.stderr.write(`${error.cause.stack?.split('\n').map(clean).join('\n')}\n`);
}
