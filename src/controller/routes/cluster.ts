import { openApiDocument } from '#api/openapi.ts';
import type { clusterRoutes } from '#api/routes/cluster.ts';
import type { Platform } from '#platform';
import { checkCancel } from '../access.ts';
import type { Handlers } from '../handler.ts';

export function clusterHandlers(platform: Platform, version: string): Handlers<keyof typeof clusterRoutes> {
  const document = openApiDocument(version);
  return {
    health: () => ({ status: 'ok', version }),
    openapi: () => document,
    account: ({ caller }) => platform.account(caller),
    clusterInfo: () => platform.cluster.info(),
    backupCreate: ({ query }) => platform.backup.create(query),
    backupRestore: ({ query, upload, caller }) => platform.backup.restore({ archive: upload, options: query }, caller),
    tokensList: () => platform.tokens.list(),
    tokensCreate: ({ body }) => platform.tokens.create(body),
    tokensRevoke: ({ params }) => platform.tokens.revoke(params.token),
    operationsInfo: ({ params }) => platform.operations.info(params.operation),
    operationsEvents: ({ params, query, signal }) =>
      platform.operations.events(params.operation, query.from ?? 0, signal),
    async operationsCancel({ params, caller }) {
      checkCancel(caller, await platform.operations.info(params.operation));
      return platform.operations.cancel(params.operation);
    },
    routerPoll: ({ body, signal }) => platform.routers.poll(body, signal),
  };
}
