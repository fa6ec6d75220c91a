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
 * Returns commands by process type, in the order of the file; none if it has only blank lines and `#` comments. Accepts
 * CRLF and, like Heroku, space before a type
 * (https://github.com/heroku/buildpacks-procfile/blob/main/src/procfile.rs). Throws PROCFILE_INVALID with the offending
 * line.
 */
export function parseProcfile(text: string): Record<string, string> {
  const commands = new Map<string, string>();
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const { type, command } = parseLine(line, index + 1, lines[index - 1]?.trimEnd().endsWith('\\') ?? false);
    if (commands.has(type)) throw invalid(index + 1, line, `"${type}" is defined twice`);
    commands.set(type, command);
    if (commands.size > MAX_TYPES) throw invalid(index + 1, line, `there are more than ${MAX_TYPES} process types`);
  }
  return Object.fromEntries(commands);
}

/** `continues`: the line before ends with `\`, as if the command continued here. */
function parseLine(line: string, number: number, continues: boolean): { type: string; command: string } {
  const colon = line.indexOf(':');
  const type = line.slice(0, Math.max(colon, 0));
  const command = line.slice(colon + 1).trim();
  if (continues && !isProcessType(type))
    throw invalid(number, line, 'a command must be on one line, and the line before ends with "\\"');
  if (colon < 0) throw invalid(number, line, 'there is no ":" after the process type');
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
