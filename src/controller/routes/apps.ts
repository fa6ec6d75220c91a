import type { appRoutes } from '#api/routes/apps.ts';
import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';

export function appHandlers(platform: Platform): Handlers<keyof typeof appRoutes> {
  return {
    appsList: () => platform.apps.list(),
    appsCreate: ({ body, caller }) => platform.apps.create(body, caller),
    appsInfo: ({ params }) => platform.apps.info(params.app),
    appsUpdate: ({ params, body, caller }) => platform.apps.update(params.app, body, caller),
    appsDestroy: ({ params, query, caller }) => platform.apps.destroy(params.app, query.confirm, caller),
    appsErrors: ({ params, query, signal }) => platform.errors(params.app, query, signal),
    configGet: ({ params }) => platform.config.get(params.app),
    configUpdate: ({ params, body, caller }) => platform.config.update(params.app, body, caller),
    domainsList: ({ params }) => platform.domains.list(params.app),
    domainsAdd: ({ params, body, caller }) => platform.domains.add(params.app, body.domain, caller),
    domainsRemove: ({ params, caller }) => platform.domains.remove(params.app, params.domain, caller),
    domainsClear: ({ params, caller }) => platform.domains.clear(params.app, caller),
    logs: ({ params, query, signal }) => platform.logs(params.app, query, signal),
  };
}
