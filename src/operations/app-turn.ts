import type { AppRecord } from '#store';
import type { Leases } from './leases.ts';
import { Operations, type OperationRun } from './operations.ts';

/** How long to wait for deploys and scalings of an app, which go first. */
const TURN_MS = 300_000;

/**
 * Runs one app's part of an operation on several, under a lease with an operation of its own: recovering one app does
 * not recover all. Drops phases, which would be mistaken for those of the whole operation. Throws APP_BUSY.
 */
export async function inTurn<T>(
  leases: Leases,
  app: string,
  { kind, by }: { readonly kind: string; readonly by: string },
  work: OperationRun,
  part: (record: AppRecord, work: OperationRun) => Promise<T>,
): Promise<T> {
  const operation = Operations.newId();
  const record = await leases.takeInTurn(app, { operation, kind, by }, TURN_MS, work.signal);
  const emit: OperationRun['emit'] = (event) => {
    if (event.type !== 'phase') work.emit(event);
  };
  return leases.during(app, operation, work.signal, (signal) => part(record, { id: operation, signal, emit }));
}
