import type { NodePorts } from '../ports.ts';
import { fail, isMothershipError } from '../../errors/index.ts';
import type { Event } from '../../events/index.ts';
import { Operations, type Work } from '../../operations/operations.ts';
import type { ReleaseFlow } from '../../releases/release-flow.ts';

/** Deploys and scalings go first: so long a move waits for its turn at an app. */
const TURN_MS = 300_000;

export interface Move {
  readonly app: { readonly id: string; readonly name: string };
  /** `drain` or `rebalance`, for whoever finds the app busy. */
  readonly kind: string;
  readonly by: string;
}

/**
 * Starts an app anew where Swarm has room: the next incarnation of its release is up and routed before the old one is
 * told to stop, so no request is lost. Throws NODE_MOVE_FAILED, with the old one serving on.
 */
export async function moveApp(
  { leases }: NodePorts,
  flow: ReleaseFlow,
  { app, kind, by }: Move,
  work: Work,
): Promise<void> {
  // Not the operation's own id: should this controller die, the lease is undone, but the operation is gone on with.
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

/** The phases of one app's rollout would be taken for those of the whole. */
function quietly(emit: (event: Event) => void): (event: Event) => void {
  return (event) => {
    if (event.type !== 'phase') emit(event);
  };
}
