import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function configRoutes(register: Register, platform: Platform): void {
  register('configGet', ({ params }) => platform.config.get(params.app));
  register('configUpdate', ({ params, body, caller }) => platform.config.update(params.app, body, caller));
}
