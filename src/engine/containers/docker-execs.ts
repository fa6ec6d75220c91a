import { attachment } from './attachment.ts';
import { at, type Connection } from '../connection/connection.ts';
import type { Execs } from './execs.ts';

interface ExecJson {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

export class DockerExecs implements Execs {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  exec: Execs['exec'] = async (container, { command, tty, user, env }) => {
    const action = `run ${command[0] ?? 'nothing'} in container ${container}`;
    const { Id: id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: at`/containers/${container}/exec`,
      body: {
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        Cmd: command,
        User: user,
        Env: env && Object.entries(env).map(([key, value]) => `${key}=${value}`),
      },
      action,
    });
    const socket = await this.#engine.hijack({
      method: 'POST',
      path: at`/exec/${id}/start`,
      body: { Detach: false, Tty: tty },
      action,
    });
    return { id, attachment: attachment(socket, tty) };
  };

  execResult: Execs['execResult'] = async (id) => {
    const { Running: running, ExitCode: code } = await this.#engine.call<ExecJson>({
      path: at`/exec/${id}/json`,
      action: `report how ${id} ended`,
    });
    return running ? undefined : (code ?? undefined);
  };

  resizeExec: Execs['resizeExec'] = async (id, size) => {
    await this.#engine.call({
      method: 'POST',
      path: at`/exec/${id}/resize`,
      query: { h: size.rows, w: size.columns },
      action: `resize the terminal of ${id}`,
    });
  };
}
