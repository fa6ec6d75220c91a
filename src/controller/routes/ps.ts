import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function psRoutes(register: Register, platform: Platform): void {
  register('psList', ({ params }) => platform.ps.list(params.app));
  register('psRestart', ({ params, body, caller }) => platform.ps.restart(params.app, body, caller));
  register('psStop', ({ params, body, caller }) => platform.ps.stop(params.app, body, caller));
}
