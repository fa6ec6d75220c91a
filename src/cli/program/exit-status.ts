/** Exits with the exit code of another program, for example with `mothership run`, without printing anything. */
export class ExitStatus extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
