import type { ProcessPorts } from '../ports.ts';
import { own } from '#values/own.ts';
import { fail } from '#errors';
import { DEFAULT_SIZE, formationFor } from '#apps';
import { terminalSize } from '../command-line.ts';
import { planDetached } from './detached.ts';
import type { RunningOneOff } from './one-offs.ts';
import type { ObservedRun } from './observe-runs.ts';
import { runnable } from '../formation.ts';
import { Operations } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { ListedRun, Operation, Run } from '#api';
import type { RunSession } from '../sessions/run-session.ts';

export interface Runs {
  /** Attached and detached ones; detached ones also after their end, until they are swept. */
  list(app: string): Promise<ListedRun[]>;
  create(app: string, input: Body<'runCreate'>, caller: Caller): Promise<Run>;
  /** Starts what `create` prepared; once per run. */
  attach(app: string, run: string): Promise<RunSession>;
  stop(app: string, run: string, caller: Caller): Promise<Operation>;
}

export function run(parts: ProcessPorts, flow: ReleaseFlow): Runs {
  const { store, oneOffs } = parts;
  return {
    async list(app) {
      const { id } = await store.apps.get(app);
      const [all, nodes] = await Promise.all([oneOffs.of(id), parts.engine.nodes()]);
      const hosts = new Map(nodes.map((node) => [node.id, node.hostname]));
      return all.filter(isListed).map((each) => listedRun(each, hosts));
    },

    async create(app, input) {
      const record = await store.apps.get(app);
      const release = await runnable(flow, record);
      const formation = formationFor(Object.keys(release.processTypes), record.formation);
      const size = own(formation, input.type ?? 'web');
      if (input.type && !size) throw fail('PROCESS_TYPE_UNKNOWN', { type: input.type, known: Object.keys(formation) });
      const name = await oneOffs.newName(record.id);
      const plan = {
        app: record,
        release,
        name,
        command: input.command,
        env: input.env ?? {},
        size: size ?? DEFAULT_SIZE,
        port: await flow.port(release),
        network: await flow.ensureNetwork(record.id),
      };
      if (input.detached) {
        const places = { image: await flow.serviceImage(record.id, release), confined: await flow.isConfined() };
        await oneOffs.startDetached(name, planDetached({ ...plan, ...places }));
      } else {
        await flow.ensureImage(record.id, release);
        await oneOffs.prepare({ ...plan, tty: input.tty ?? false, terminal: terminalSize(input), stdin: true });
      }
      return { id: name, name, release: release.version };
    },

    async attach(app, name) {
      const record = await store.apps.get(app);
      return session(parts, await oneOffs.attach(record.id, name));
    },

    stop: (app, name, caller) => stopRun(parts, app, name, caller),
  };
}

/** Takes no lease: a one-off can be stopped during a deploy. Throws RUN_NOT_RUNNING. */
export async function stopRun(
  { store, oneOffs, operations }: ProcessPorts,
  app: string,
  name: string,
  caller: Caller,
): Promise<Operation> {
  const { id } = await store.apps.get(app);
  const found = (await oneOffs.of(id)).find((each) => each.name === name && isListed(each));
  if (!found || found.state === 'ended') throw fail('RUN_NOT_RUNNING', { run: name, app });
  const what = { kind: 'stop', subject: { kind: 'app', name: app }, by: caller.user } as const;
  return operations.begin(Operations.newId(), what, async () => {
    await oneOffs.stop(found);
    return { app, stopped: name };
  });
}

/** A release command belongs to its deploy. */
function isListed({ name }: ObservedRun): boolean {
  return name.startsWith('run.');
}

function listedRun(run: ObservedRun, hosts: ReadonlyMap<string, string>): ListedRun {
  const { name, state, detail, exitCode = null, release, command, detached, createdAt, since, node } = run;
  const where = hosts.get(node ?? '') ?? null;
  return { name, state, detail, exitCode, release, command: command || null, detached, createdAt, since, node: where };
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
