import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function formationRoutes(register: Register, platform: Platform): void {
  register('formationGet', ({ params }) => platform.formation.get(params.app));
  register('formationUpdate', ({ params, body, caller }) => platform.formation.update(params.app, body, caller));
}
