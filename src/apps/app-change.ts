import type { AppPorts } from './ports.ts';
import type { Operation } from '#api';
import type { AppRecord } from '#store';
import { Operations, type OperationRun } from '#operations/operations.ts';
import type { Caller } from '#access/caller.ts';

interface Change {
  readonly kind: Operation['kind'];
  /** The app's name. */
  readonly app: string;
  readonly caller: Caller;
  /** Rejects the change before the operation begins; the error is the response to the request. */
  readonly check?: (app: AppRecord) => Promise<void> | void;
}

/**
 * Begins an operation that changes an app: takes its lease immediately and works in the background. Throws APP_BUSY.
 */
export async function beginChange(
  { store, leases, operations }: Pick<AppPorts, 'store' | 'leases' | 'operations'>,
  { kind, app, caller, check }: Change,
  work: (app: AppRecord, work: OperationRun) => Promise<Record<string, unknown>>,
): Promise<Operation> {
  const found = await store.apps.get(app);
  await check?.(found);
  const id = Operations.newId();
  const record = await leases.take(found.id, { operation: id, kind, by: caller.user });
  return operations.begin(id, { kind, subject: { kind: 'app', name: app }, by: caller.user }, (given) =>
    leases.during(record.id, id, given.signal, (signal) => work(record, { ...given, signal })),
  );
}
