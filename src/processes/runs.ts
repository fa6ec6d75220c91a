import { fail } from '../errors/index.ts';
import { DEFAULT_SIZE, formationFor } from '../apps/index.ts';
import { OneOffs, type RunningOneOff } from './index.ts';
import type { Parts } from '../platform/parts.ts';
import type { Platform, RunSession } from '../platform/platform.ts';
import { runnable } from './formation.ts';
import type { ReleaseFlow } from '../releases/release-flow.ts';

export function run(parts: Parts, flow: ReleaseFlow): Platform['run'] {
  const { store, oneOffs } = parts;
  return {
    async create(app, input) {
      const record = await store.apps.get(app);
      const release = await runnable(flow, record);
      const formation = formationFor(Object.keys(release.processTypes), record.formation);
      const size = formation[input.type ?? 'web'];
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
        stdin: !input.detached,
        size: size ?? DEFAULT_SIZE,
        port: await flow.port(release),
        network: await flow.ensureNetwork(record.id),
      };
      if (input.detached) await oneOffs.startDetached(plan);
      else
        await oneOffs.prepare(
          plan,
          input.columns && input.rows ? { columns: input.columns, rows: input.rows } : undefined,
        );
      return { id: name, name, release: release.version };
    },

    async attach(app, name) {
      const record = await store.apps.get(app);
      return session(parts, await oneOffs.attach(record.id, name));
    },
  };
}

function session({ engine, oneOffs }: Parts, running: RunningOneOff): RunSession {
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
