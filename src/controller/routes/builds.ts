import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function buildsRoutes(register: Register, platform: Platform): void {
  register('buildsList', ({ params }) => platform.builds.list(params.app));
  register('buildsCreate', ({ params, query, upload, caller }) =>
    platform.builds.create(params.app, { archive: upload, options: query }, caller),
  );
  register('sourcesCreate', ({ params, upload }) => platform.builds.offer(params.app, upload));
  register('buildsInfo', ({ params }) => platform.builds.info(params.app, params.build));
  register('buildsOutput', ({ params, query, signal }) =>
    platform.builds.output(params.app, params.build, query.from ?? 0, signal),
  );
  register('buildsCachePurge', ({ params }) => platform.builds.purgeCache(params.app));
  register('buildSettingsInfo', () => platform.buildSettings.info());
  register('buildSettingsUpdate', ({ body, caller }) => platform.buildSettings.update(body, caller));
  register('buildsCancel', ({ params }) => platform.builds.cancel(params.app, params.build));
}
