import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function stackRoutes(register: Register, platform: Platform): void {
  register('stackInfo', ({ params }) => platform.stack.info(params.app));
  register('stackUpdate', ({ params, caller }) => platform.stack.update(params.app, caller));
  register('stackUpdateAll', ({ caller }) => platform.stack.updateAll(caller));
}
