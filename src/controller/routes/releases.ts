import type { releaseRoutes } from '#api/routes/releases.ts';
import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';

export function releaseHandlers(platform: Platform): Handlers<keyof typeof releaseRoutes> {
  return {
    releasesList: ({ params }) => platform.releases.list(params.app),
    releasesCreate: ({ params, body, caller }) => platform.releases.create(params.app, body, caller),
    releasesInfo: ({ params }) => platform.releases.info(params.app, params.release),
    releasesRollback: ({ params, body, caller }) => platform.releases.rollback(params.app, body, caller),
    releasesRetry: ({ params, caller }) => platform.releases.retry(params.app, caller),
    releasesOutput: ({ params, query, signal }) =>
      platform.releases.output(params.app, params.release, query.from ?? 0, signal),
    stackInfo: ({ params }) => platform.stack.info(params.app),
    stackUpdate: ({ params, caller }) => platform.stack.update(params.app, caller),
    stackUpdateAll: ({ caller }) => platform.stack.updateAll(caller),
  };
}
