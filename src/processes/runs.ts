import type { ProcessPorts } from './ports.ts';
import { own } from '#values/own.ts';
import { fail } from '#errors';
import { DEFAULT_SIZE, formationFor } from '#apps';
import { terminalSize } from './command-line.ts';
import { OneOffs, type RunningOneOff } from './one-offs.ts';
import { runnable } from './formation.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { Run } from '#api';
import type { RunSession } from './sessions/run-session.ts';

export interface Runs {
  create(app: string, input: Body<'runCreate'>, caller: Caller): Promise<Run>;
  /** Starts what `create` prepared; once per run. */
  attach(app: string, run: string): Promise<RunSession>;
}

export function run(parts: ProcessPorts, flow: ReleaseFlow): Runs {
  const { store, oneOffs } = parts;
  return {
    async create(app, input) {
      const record = await store.apps.get(app);
      const release = await runnable(flow, record);
      const formation = formationFor(Object.keys(release.processTypes), record.formation);
      const size = own(formation, input.type ?? 'web');
      if (input.type && !size) throw fail('PROCESS_TYPE_UNKNOWN', { type: input.type, known: Object.keys(formation) });
      await flow.ensureImage(record.id, release);
      const name = OneOffs.newName();
      const plan = {
        app: record,
        release,
        name,
        command: input.command,
        env: input.env ?? {},
        tty: input.tty ?? false,
        terminal: terminalSize(input),
        stdin: !input.detached,
        size: size ?? DEFAULT_SIZE,
        port: await flow.port(release),
        network: await flow.ensureNetwork(record.id),
      };
      if (input.detached) await oneOffs.startDetached(plan);
      else await oneOffs.prepare(plan);
      return { id: name, name, release: release.version };
    },

    async attach(app, name) {
      const record = await store.apps.get(app);
      return session(parts, await oneOffs.attach(record.id, name));
    },
  };
}

function session({ engine, oneOffs }: ProcessPorts, running: RunningOneOff): RunSession {
  const { container, tty, attachment, exited } = running;
  return {
    tty,
    input: attachment.stdin,
    stdout: attachment.stdout,
    stderr: attachment.stderr,
    exited,
    resize: (size) => engine.resizeContainer(container, size).catch(() => undefined),
    hangUp: () => oneOffs.hangUp(container),
  };
}
