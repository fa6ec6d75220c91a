import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function appsRoutes(register: Register, platform: Platform): void {
  register('appsList', () => platform.apps.list());
  register('appsCreate', ({ body, caller }) => platform.apps.create(body, caller));
  register('appsInfo', ({ params }) => platform.apps.info(params.app));
  register('appsUpdate', ({ params, body, caller }) => platform.apps.update(params.app, body, caller));
  register('appsDestroy', ({ params, query, caller }) => platform.apps.destroy(params.app, query.confirm, caller));
}
