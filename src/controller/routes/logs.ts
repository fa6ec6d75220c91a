import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function logsRoutes(register: Register, platform: Platform): void {
  register('logs', ({ params, query, signal }) => platform.logs(params.app, query, signal));
}
