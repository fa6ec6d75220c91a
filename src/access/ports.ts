import type { Clock } from '../events/index.ts';
import type { Store } from '../store/index.ts';

/** What access needs from the platform. */
export interface AccessPorts {
  readonly store: Store;
  readonly clock: Clock;
}
