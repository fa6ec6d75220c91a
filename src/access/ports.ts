import type { Clock } from '#events';
import type { Store } from '#store';

/** What access needs from the platform. */
export interface AccessPorts {
  readonly store: Store;
  readonly clock: Clock;
}
