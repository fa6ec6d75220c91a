import { shellWord } from '#values/shell.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The line for a shell that runs `command` (at least one word): a single word is such a line, as on Heroku; several
 * words are a program and its arguments. With `terminal`, the shell first gives its terminal that size, so that
 * programs that look only once see it: engines before API 1.42 cannot resize a terminal until its program runs.
 */
export function commandLine(command: readonly string[], terminal?: TerminalSize): string {
  const line = command.length === 1 ? command[0]! : `exec ${command.map(shellWord).join(' ')}`;
  return terminal ? `stty rows ${terminal.rows} cols ${terminal.columns} 2>/dev/null; ${line}` : line;
}

/** The size that a client asks for; undefined without a terminal. */
export function terminalSize({
  tty,
  columns,
  rows,
}: {
  readonly tty?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}): TerminalSize | undefined {
  return tty && columns && rows ? { columns, rows } : undefined;
}
