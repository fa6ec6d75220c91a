import type { ReleasePorts } from './ports.ts';
import { isMothershipError } from '#errors';
import type { NumberedEvent } from '#events';
import type { ReleaseRecord } from '#store';

/** Where an operation that also built ends to be the build's. */
const FIRST_PHASES: readonly string[] = ['push', 'release', 'start'];

/**
 * Yields the events of a release from number `from` on: those of its operation after the build. Nothing if they are no
 * longer kept, or for a release of a version that did not record its operation.
 */
export async function* releaseOutput(
  { operations }: Pick<ReleasePorts, 'operations'>,
  { operation }: ReleaseRecord,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<NumberedEvent> {
  if (operation === undefined) return;
  let isBuilt = false;
  try {
    for await (const event of operations.events(operation, 0, signal)) {
      isBuilt ||= event.type === 'phase' && FIRST_PHASES.includes(event.phase);
      if (isBuilt && event.n >= from) yield event;
    }
  } catch (error) {
    if (!isMothershipError(error, 'OPERATION_NOT_FOUND')) throw error;
  }
}
