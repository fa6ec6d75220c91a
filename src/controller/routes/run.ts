import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function runRoutes(register: Register, platform: Platform): void {
  register('runCreate', ({ params, body, caller }) => platform.run.create(params.app, body, caller));
  register('runAttach', ({ params }) => platform.run.attach(params.app, params.run));
}
