import type { buildRoutes } from '#api/routes/builds.ts';
import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';

export function buildHandlers(platform: Platform): Handlers<keyof typeof buildRoutes> {
  return {
    buildsList: ({ params }) => platform.builds.list(params.app),
    buildsCreate: ({ params, query, upload, caller }) =>
      platform.builds.create(params.app, { archive: upload, options: query }, caller),
    sourcesCreate: ({ params, upload }) => platform.builds.offer(params.app, upload),
    buildsInfo: ({ params }) => platform.builds.info(params.app, params.build),
    buildsOutput: ({ params, query, signal }) =>
      platform.builds.output(params.app, params.build, query.from ?? 0, signal),
    buildsCachePurge: ({ params }) => platform.builds.purgeCache(params.app),
    buildsCancel: ({ params }) => platform.builds.cancel(params.app, params.build),
    buildSettingsInfo: () => platform.buildSettings.info(),
    buildSettingsUpdate: ({ body, caller }) => platform.buildSettings.update(body, caller),
    buildpacksList: ({ params }) => platform.buildpacks.list(params.app),
    buildpacksUpdate: ({ params, body, caller }) => platform.buildpacks.update(params.app, body, caller),
    testsCreate: ({ params, query, upload, caller }) =>
      platform.tests.create(params.app, { archive: upload, options: query }, caller),
  };
}
