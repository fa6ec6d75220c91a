import type { Engine } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { ProvidedMachine } from '#provision';

/** A machine with a connection to its engine. */
export interface Member extends ProvidedMachine {
  readonly api: Engine;
}

/** Runs concurrently on all members; throws the first failure with the machine's name after all have finished. */
export async function onAll(members: readonly Member[], work: (member: Member) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(members.map(work));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status !== 'rejected') continue;
    const { reason } = outcome as { reason: unknown };
    if (!isMothershipError(reason)) throw reason;
    throw fail(
      'MACHINE_FAILED',
      { machine: members[index]!.name, why: reason.message, suggestion: reason.suggestion ?? '' },
      reason,
    );
  }
}
