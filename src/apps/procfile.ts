import { fail } from '#errors';

const TYPE = /^[A-Za-z0-9_-]{1,30}$/;
const MAX_TYPES = 50;
const MAX_COMMAND = 10_000;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** Letters, digits, `-` and `_`, up to 30. */
export function isProcessType(name: string): boolean {
  return TYPE.test(name);
}

/**
 * Returns commands by process type, in the order of the file. Accepts CRLF; skips blank lines and `#` comments. Throws
 * PROCFILE_EMPTY, or PROCFILE_INVALID with the offending line.
 */
export function parseProcfile(text: string): Record<string, string> {
  const commands = new Map<string, string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const { type, command } = parseLine(line, index + 1);
    if (commands.has(type)) throw invalid(index + 1, line, `"${type}" is defined twice`);
    commands.set(type, command);
    if (commands.size > MAX_TYPES) throw invalid(index + 1, line, `there are more than ${MAX_TYPES} process types`);
  }
  if (commands.size === 0) throw fail('PROCFILE_EMPTY', {});
  return Object.fromEntries(commands);
}

function parseLine(line: string, number: number): { type: string; command: string } {
  const colon = line.indexOf(':');
  if (/^\s/.test(line)) throw invalid(number, line, 'it starts with a space or tab');
  if (colon < 0) throw invalid(number, line, 'there is no ":" after the process type');
  const type = line.slice(0, colon);
  const command = line.slice(colon + 1).trim();
  if (!isProcessType(type))
    throw invalid(
      number,
      line,
      `"${printable(type)}" is not a valid process type (letters, digits, - and _, up to 30)`,
    );
  if (command === '') throw invalid(number, line, `"${type}" has no command`);
  if (command.length > MAX_COMMAND) throw invalid(number, line, `the command is longer than ${MAX_COMMAND} characters`);
  if (CONTROL.test(command)) throw invalid(number, line, 'the command contains control characters');
  return { type, command };
}

function invalid(line: number, text: string, why: string): Error {
  return fail('PROCFILE_INVALID', { line, text: printable(text), why });
}

function printable(text: string): string {
  const clean = JSON.stringify(text.slice(0, 80)).slice(1, -1).replace(/\\"/g, '"');
  return text.length > 80 ? `${clean}…` : clean;
}
