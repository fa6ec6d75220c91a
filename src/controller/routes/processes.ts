import type { processRoutes } from '#api/routes/processes.ts';
import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';

export function processHandlers(platform: Platform): Handlers<keyof typeof processRoutes> {
  return {
    formationGet: ({ params }) => platform.formation.get(params.app),
    formationUpdate: ({ params, body, caller }) => platform.formation.update(params.app, body, caller),
    psList: ({ params }) => platform.ps.list(params.app),
    psRestart: ({ params, body, caller }) => platform.ps.restart(params.app, body, caller),
    psStop: ({ params, body, caller }) => platform.ps.stop(params.app, body, caller),
    psExec: ({ params, body, caller }) => platform.ps.exec(params.app, body, caller),
    psExecAttach: ({ params }) => platform.ps.attachExec(params.app, params.exec),
    psCopy: ({ params, query, caller }) => platform.ps.copy(params.app, query, caller),
    psForward: ({ params, query, caller }) => platform.ps.forward(params.app, query, caller),
    runList: ({ params }) => platform.run.list(params.app),
    runCreate: ({ params, body, caller }) => platform.run.create(params.app, body, caller),
    runAttach: ({ params }) => platform.run.attach(params.app, params.run),
    runStop: ({ params, caller }) => platform.run.stop(params.app, params.run, caller),
  };
}
