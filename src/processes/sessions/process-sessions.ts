import type { ProcessPorts } from '../ports.ts';
import { names } from '#cluster/names.ts';
import type { ReleaseRecord } from '#store';
import { processCommand } from '#releases';
import { commandLine, terminalSize, type TerminalSize } from '../command-line.ts';
import { copyFrom, copyTo } from './copy-session.ts';
import { ExecSessions } from './exec-sessions.ts';
import { runnable } from '../formation.ts';
import { forward } from './forward-session.ts';
import { findProcess, type FoundProcess } from '../processes.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body, Exec, Query } from '#api';
import type { RunSession } from './run-session.ts';

/** bash if the image has it, else sh. */
const SHELL = 'command -v bash >/dev/null 2>&1 && exec bash; exec sh';

export interface ProcessSessions {
  exec(app: string, input: Body<'psExec'>, caller: Caller): Promise<Exec>;
  /** Starts what `exec` prepared; once per session. */
  attachExec(app: string, exec: string): Promise<RunSession>;
  /** Output is a tar of the path, or input is a tar to unpack there. */
  copy(app: string, query: Query<'psCopy'>, caller: Caller): Promise<RunSession>;
  /** Input and output of one connection. */
  forward(app: string, query: Query<'psForward'>, caller: Caller): Promise<RunSession>;
}

/** Sessions in running processes on any node. Each is logged with its user. */
export function processSessions(parts: ProcessPorts, flow: ReleaseFlow): ProcessSessions {
  const { store, engine, cluster, proxyNetwork, logger } = parts;
  const sessions = new ExecSessions(parts.clock);
  const find = async (app: string, wanted: string | undefined, what: object, { user }: Caller) => {
    const record = await store.apps.get(app);
    const process = await findProcess(parts, record, wanted);
    logger.info({ app, process: process.name, user, ...what }, 'opening a session in a process');
    return { record, process };
  };
  return {
    async exec(app, input, caller) {
      const { ps, command = [], tty = false } = input;
      const { record, process } = await find(app, ps, { exec: command[0] ?? 'a shell' }, caller);
      const { engine, container, name } = process;
      const size = terminalSize(input);
      const line = await commandIn(process, await runnable(flow, record), command, size);
      return { id: sessions.prepare({ app: record.id, engine, container, command: line, tty, size }), ps: name };
    },

    async attachExec(app, id) {
      return sessions.attach((await store.apps.get(app)).id, id);
    },

    async copy(app, { ps, path, into }, caller) {
      const { process } = await find(app, ps, { [into ? 'copyTo' : 'copyFrom']: path }, caller);
      return into ? copyTo(process, path) : copyFrom(process, path);
    },

    async forward(app, { ps, port }, caller) {
      const { record, process } = await find(app, ps, { forward: port }, caller);
      const image = (await engine.service(names.controller))?.image ?? cluster.images.controller;
      return forward({ process, port, address: process.addresses[proxyNetwork], image, app: record.id });
    },
  };
}

/** The program and arguments that run a command with the release's environment; a shell if there is no command. */
async function commandIn(
  process: FoundProcess,
  release: ReleaseRecord,
  command: readonly string[],
  terminal: TerminalSize | undefined,
): Promise<readonly string[]> {
  const line = commandLine(command.length > 0 ? command : [SHELL], terminal);
  const { entrypoint, args = [] } = processCommand(release, line);
  return [...(entrypoint ?? (await entrypointOf(process))), ...args];
}

/** Entrypoint of its image, which its node has. */
async function entrypointOf({ engine, container }: FoundProcess): Promise<readonly string[]> {
  const image = (await engine.container(container))?.image;
  return (image && (await engine.image(image))?.entrypoint) || [];
}
