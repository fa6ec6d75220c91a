import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function psRoutes(register: Register, platform: Platform): void {
  register('psList', ({ params }) => platform.ps.list(params.app));
  register('psRestart', ({ params, body, caller }) => platform.ps.restart(params.app, body, caller));
  register('psExec', ({ params, body, caller }) => platform.ps.exec(params.app, body, caller));
  register('psExecAttach', ({ params }) => platform.ps.attachExec(params.app, params.exec));
  register('psCopy', ({ params, query, caller }) => platform.ps.copy(params.app, query, caller));
  register('psForward', ({ params, query, caller }) => platform.ps.forward(params.app, query, caller));
  register('psStop', ({ params, body, caller }) => platform.ps.stop(params.app, body, caller));
}
