import type { NodePorts } from '../ports.ts';
import { fail, isMothershipError } from '#errors';
import { inTurn } from '#operations/app-turn.ts';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

interface Move {
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
  work: OperationRun,
): Promise<void> {
  try {
    await inTurn(leases, app.id, { kind, by }, work, (record, part) => flow.restart(record, record.formation, part));
  } catch (error) {
    work.signal.throwIfAborted();
    if (isMothershipError(error, 'APP_NOT_FOUND') || isMothershipError(error, 'APP_HAS_NO_RELEASE')) return;
    if (!isMothershipError(error)) throw error;
    throw fail('NODE_MOVE_FAILED', { app: app.name, what: kind, why: error.message }, error);
  }
}
