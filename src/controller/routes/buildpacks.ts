import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function buildpacksRoutes(register: Register, platform: Platform): void {
  register('buildpacksList', ({ params }) => platform.buildpacks.list(params.app));
  register('buildpacksUpdate', ({ params, body, caller }) => platform.buildpacks.update(params.app, body, caller));
  register('testsCreate', ({ params, query, upload, caller }) =>
    platform.tests.create(params.app, { archive: upload, options: query }, caller),
  );
}
