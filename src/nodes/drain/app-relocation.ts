import type { NodePorts } from '../ports.ts';
import { fail, isMothershipError } from '../../errors/index.ts';
import type { Event } from '../../events/index.ts';
import { Operations, type Work } from '../../operations/operations.ts';
import type { ReleaseFlow } from '../../releases/release-flow.ts';

/** How long to wait for deploys and scalings of an app, which go first. */
const TURN_MS = 300_000;

export interface Move {
  readonly app: { readonly id: string; readonly name: string };
  /** `drain` or `rebalance`, shown to users who find the app busy. */
  readonly kind: string;
  readonly by: string;
}

/**
 * Starts an app where Swarm has room: the next incarnation of its release is up and routed before the old one stops, so
 * no request is dropped. Throws NODE_MOVE_FAILED, with the old one still serving.
 */
export async function moveApp(
  { leases }: NodePorts,
  flow: ReleaseFlow,
  { app, kind, by }: Move,
  work: Work,
): Promise<void> {
  // A separate id: if this controller dies, the lease is undone, but the operation continues.
  const operation = Operations.newId();
  try {
    const record = await leases.takeInTurn(app.id, { operation, kind, by }, TURN_MS, work.signal);
    await leases.during(app.id, operation, work.signal, (signal) =>
      flow.restart(record, record.formation, { ...work, signal, emit: quietly(work.emit) }),
    );
  } catch (error) {
    work.signal.throwIfAborted();
    if (isMothershipError(error, 'APP_NOT_FOUND') || isMothershipError(error, 'APP_HAS_NO_RELEASE')) return;
    if (!isMothershipError(error)) throw error;
    throw fail('NODE_MOVE_FAILED', { app: app.name, what: kind, why: error.message }, error);
  }
}

/** Drops phases, which would be mistaken for those of the whole operation. */
function quietly(emit: (event: Event) => void): (event: Event) => void {
  return (event) => {
    if (event.type !== 'phase') emit(event);
  };
}
