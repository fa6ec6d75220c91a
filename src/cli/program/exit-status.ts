/** Ends the command with an exit code of another program's, e.g. of `mothership run`; nothing is printed. */
export class ExitStatus extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
