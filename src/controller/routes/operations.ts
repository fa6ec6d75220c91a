import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function operationsRoutes(register: Register, platform: Platform): void {
  register('operationsInfo', ({ params }) => platform.operations.info(params.operation));
  register('operationsEvents', ({ params, query, signal }) =>
    platform.operations.events(params.operation, query.from ?? 0, signal),
  );
  register('operationsCancel', ({ params }) => platform.operations.cancel(params.operation));
}
