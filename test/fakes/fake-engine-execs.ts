import { PassThrough } from 'node:stream';
import type { Attachment, ExecOptions } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { writeTo, type FakeContainers, type ProgramIo, type Size } from './fake-engine-containers.ts';

interface FakeExec {
  size: Size | undefined;
  code: number | undefined;
}

/** Programs in containers that run already; `FakeContainers.program` says what they do. */
export class FakeExecs {
  readonly #containers: FakeContainers;
  readonly #byId = new Map<string, FakeExec>();

  constructor(containers: FakeContainers) {
    this.#containers = containers;
  }

  get sizes(): (Size | undefined)[] {
    return [...this.#byId.values()].map(({ size }) => size);
  }

  start(nameOrId: string, options: ExecOptions): { id: string; attachment: Attachment } {
    const container = this.#containers.must(nameOrId, 'run a program in');
    if (!container.info.running)
      throw fail('ENGINE_FAILED', {
        action: `run ${options.command[0]} in container ${nameOrId}`,
        why: `Container ${nameOrId} is not running`,
      });
    const id = `exec-${this.#byId.size + 1}`;
    const exec: FakeExec = { size: undefined, code: undefined };
    this.#byId.set(id, exec);
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const closed = new AbortController();
    // A program is found by the last word, which for `sh -c script` is the script.
    const { tty, command, env = {} } = options;
    const spec = {
      ...container.spec,
      tty,
      entrypoint: command.slice(0, -1),
      command: command.slice(-1),
      env: { ...container.spec.env, ...env },
    };
    const say = (output: PassThrough) => (line: string) => void output.write(`${line}\n`);
    const io: ProgramIo = {
      spec,
      files: container.files,
      stdin,
      killed: AbortSignal.any([container.kill.signal, closed.signal]),
      out: say(stdout),
      err: say(tty ? stdout : stderr),
      write: (bytes) => writeTo(stdout, bytes),
      size: () => exec.size,
    };
    const end = (): void => void (stdout.end(), stderr.end());
    void Promise.resolve(io)
      .then(this.#containers.programFor(spec))
      .then((code) => {
        exec.code = code;
        end();
      });
    const close = (): void => (closed.abort(), end());
    return { id, attachment: { stdin, stdout, stderr, endInput: () => stdin.end(), close } };
  }

  result(id: string): number | undefined {
    return this.#must(id).code;
  }

  resize(id: string, size: Size): void {
    this.#must(id).size = size;
  }

  #must(id: string): FakeExec {
    const exec = this.#byId.get(id);
    if (!exec) throw fail('ENGINE_FAILED', { action: `report how ${id} ended`, why: `No such exec instance: ${id}` });
    return exec;
  }
}
