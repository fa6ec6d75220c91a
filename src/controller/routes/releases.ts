import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function releasesRoutes(register: Register, platform: Platform): void {
  register('releasesList', ({ params }) => platform.releases.list(params.app));
  register('releasesCreate', ({ params, body, caller }) => platform.releases.create(params.app, body, caller));
  register('releasesInfo', ({ params }) => platform.releases.info(params.app, params.release));
  register('releasesRollback', ({ params, body, caller }) => platform.releases.rollback(params.app, body, caller));
}
