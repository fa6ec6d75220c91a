import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '#api';
import { fail, isMothershipError, type ErrorBody, type MothershipError } from '#errors';
import { isoNow, type Clock, type Event, type Logger, type NumberedEvent } from '#events';
import { EventLog } from './event-log.ts';

/** Passed to an operation's work. */
export interface OperationRun {
  readonly id: string;
  readonly emit: (event: Event) => void;
  readonly signal: AbortSignal;
}

export type Begin = Pick<Operation, 'kind' | 'subject' | 'by'>;

interface Running {
  operation: Operation;
  log: EventLog;
  cancel: AbortController;
}

const ID = /^[0-9a-f]{16}$/;
/** Ended operations in memory; others are read from disk again. */
const KEPT_IN_MEMORY = 20;

/**
 * Long work as a resource: started by one request, followed, resumed and cancelled by others, and readable after a
 * restart.
 */
export class Operations {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Running>();

  constructor({ dataDir, clock, logger }: { dataDir: string; clock: Clock; logger: Logger }) {
    this.#folder = join(dataDir, 'operations');
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Returns an unguessable id. */
  static newId(): string {
    return randomBytes(8).toString('hex');
  }

  /** An id from an earlier process continues that operation's events. */
  async begin(
    id: string,
    what: Begin,
    work: (work: OperationRun) => Promise<Record<string, unknown>>,
  ): Promise<Operation> {
    const operation: Operation = {
      id,
      ...what,
      state: 'running',
      startedAt: isoNow(this.#clock),
      finishedAt: null,
      error: null,
      result: null,
    };
    const running = {
      operation,
      log: await EventLog.open(this.#folder, id),
      cancel: new AbortController(),
    };
    this.#remember(id, running);
    await this.#save(operation);
    const emit = (event: Event): void => running.log.append(event, this.#clock.now());
    void work({ id, emit, signal: running.cancel.signal })
      .then((result) => this.#end(running, { type: 'done', result }))
      .catch((error: unknown) => this.#end(running, { type: 'failed', error: this.#explain(running, error) }));
    return operation;
  }

  #explain(running: Running, error: unknown): ErrorBody {
    const { kind, subject, id } = running.operation;
    if (running.cancel.signal.aborted) return fail('CANCELLED', { what: `The ${kind} of ${subject.name}` }).toJSON();
    if (isMothershipError(error)) return error.toJSON();
    this.#logger.error({ err: error, operation: id }, 'operation failed with an unexpected error');
    return fail('INTERNAL', { ref: id }, error).toJSON();
  }

  async #end(running: Running, ending: Extract<Event, { type: 'done' | 'failed' }>): Promise<void> {
    const { operation, log, cancel } = running;
    const ended =
      ending.type === 'done'
        ? { state: 'succeeded' as const, result: ending.result }
        : { state: cancel.signal.aborted ? ('cancelled' as const) : ('failed' as const), error: ending.error };
    running.operation = { ...operation, ...ended, finishedAt: isoNow(this.#clock) };
    await this.#save(running.operation).catch(() => undefined);
    log.append(ending, this.#clock.now());
    await log.flushed();
    this.#logger.info(
      { operation: operation.id, kind: operation.kind, subject: operation.subject, state: running.operation.state },
      'operation ended',
    );
  }

  async info(id: string): Promise<Operation> {
    return (await this.#find(id)).operation;
  }

  async *events(id: string, from: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    yield* (await this.#find(id)).log.read(from, signal);
  }

  async cancel(id: string): Promise<Operation> {
    const running = await this.#find(id);
    const { kind, subject } = running.operation;
    running.cancel.abort(fail('CANCELLED', { what: `The ${kind} of ${subject.name}` }));
    return running.operation;
  }

  /** Ends an operation of an earlier process that nothing continues. */
  async conclude(id: string, error: MothershipError | undefined, result: Record<string, unknown> = {}): Promise<void> {
    const running = await this.#find(id).catch(() => undefined);
    if (!running || running.log.hasEnded) return;
    await this.#end(running, error ? { type: 'failed', error: error.toJSON() } : { type: 'done', result });
  }

  /** Operations on disk that have not ended; for a controller that has just started. */
  async unfinished(): Promise<Operation[]> {
    const found = (await this.#ids()).map((id) => this.#find(id).catch(() => undefined));
    const all = await Promise.all(found);
    return all.flatMap((running) => (running && !running.log.hasEnded ? [running.operation] : []));
  }

  /** All operations on disk. */
  async recorded(): Promise<Operation[]> {
    const records: Operation[] = [];
    for (const id of await this.#ids()) {
      const text = await readFile(this.#metaPath(id), 'utf8').catch(() => undefined);
      if (text) records.push(parseRecord(text));
    }
    return records;
  }

  async forget(id: string): Promise<void> {
    this.#known.delete(id);
    if (ID.test(id)) await Promise.all([EventLog.remove(this.#folder, id), rm(this.#metaPath(id), { force: true })]);
  }

  async #find(id: string): Promise<Running> {
    const known = this.#known.get(id);
    if (known) return known;
    if (!ID.test(id)) throw fail('OPERATION_NOT_FOUND', { id: id.slice(0, 40) });
    const text = await readFile(this.#metaPath(id), 'utf8').catch(() => undefined);
    if (text === undefined) throw fail('OPERATION_NOT_FOUND', { id });
    const log = await EventLog.open(this.#folder, id);
    const running = { operation: parseRecord(text), log, cancel: new AbortController() };
    // Another request may have loaded it meanwhile; all must share one log.
    const winner = this.#known.get(id) ?? running;
    this.#remember(id, winner);
    return winner;
  }

  #remember(id: string, running: Running): void {
    this.#known.set(id, running);
    for (const [old, { log }] of this.#known) {
      if (this.#known.size <= KEPT_IN_MEMORY) return;
      if (log.hasEnded) this.#known.delete(old);
    }
  }

  async #save(operation: Operation): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#metaPath(operation.id), JSON.stringify(operation));
  }

  async #ids(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  }

  #metaPath(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

/** Subjects of kinds that are not about one app, in records of version 0.1.0: those name each subject `app`. */
const FORMER_SUBJECTS: Partial<Record<Operation['kind'], Operation['subject']['kind']>> = {
  drain: 'node',
  remove: 'node',
  rebalance: 'nodes',
  restore: 'cluster',
};

function parseRecord(text: string): Operation {
  const { app, ...operation } = JSON.parse(text) as Operation & { readonly app?: string };
  if (app === undefined) return operation;
  const kind = app === 'all apps' ? 'apps' : (FORMER_SUBJECTS[operation.kind] ?? 'app');
  return { ...operation, subject: { kind, name: app } };
}
