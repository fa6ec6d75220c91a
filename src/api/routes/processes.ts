import type { RouteInfo } from '../route-info.ts';

export const processRoutes = {
  formationGet: {
    method: 'GET',
    path: '/apps/:app/formation',
    access: 'member',
    summary: 'Process types with their quantity and size',
  },
  formationUpdate: {
    method: 'PATCH',
    path: '/apps/:app/formation',
    access: 'member',
    summary: 'Changes quantities and sizes',
    answer: 'operation',
  },
  psList: { method: 'GET', path: '/apps/:app/ps', access: 'member', summary: 'Running tasks' },
  psRestart: {
    method: 'POST',
    path: '/apps/:app/ps/restart',
    access: 'member',
    summary: 'Restarts process types without dropping requests',
    answer: 'operation',
  },
  psStop: {
    method: 'POST',
    path: '/apps/:app/ps/stop',
    access: 'member',
    summary: 'Stops a process type or a one-off process',
    answer: 'operation',
  },
  psExec: {
    method: 'POST',
    path: '/apps/:app/ps/exec',
    access: 'member',
    summary: 'Prepares a session in a running process',
  },
  psExecAttach: {
    method: 'GET',
    path: '/apps/:app/ps/exec/:exec/attach',
    access: 'member',
    summary: 'Terminal of a session; connecting starts it',
    answer: 'socket',
  },
  psCopy: {
    method: 'GET',
    path: '/apps/:app/ps/copy',
    access: 'member',
    summary: 'Copies a tar out of a process or into it',
    answer: 'socket',
  },
  psForward: {
    method: 'GET',
    path: '/apps/:app/ps/forward',
    access: 'member',
    summary: 'One connection to a port of a process',
    answer: 'socket',
  },
  runCreate: {
    method: 'POST',
    path: '/apps/:app/run',
    access: 'member',
    summary: 'Starts a one-off process from the current release',
  },
  runAttach: {
    method: 'GET',
    path: '/apps/:app/run/:run/attach',
    access: 'member',
    summary: 'Terminal of a one-off process',
    answer: 'socket',
  },
} as const satisfies Record<string, RouteInfo>;
