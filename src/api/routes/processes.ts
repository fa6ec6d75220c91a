import { get, patch, post } from '../route-info.ts';

export const processRoutes = {
  formationGet: get('/apps/:app/formation', 'member', 'Process types with their quantity and size'),
  formationUpdate: patch('/apps/:app/formation', 'member', 'Changes quantities and sizes', { answer: 'operation' }),
  psList: get('/apps/:app/ps', 'member', 'Running tasks'),
  psRestart: post('/apps/:app/ps/restart', 'member', 'Restarts process types without dropping requests', {
    answer: 'operation',
  }),
  psStop: post('/apps/:app/ps/stop', 'member', 'Stops a process type or a one-off process', { answer: 'operation' }),
  psExec: post('/apps/:app/ps/exec', 'member', 'Prepares a session in a running process'),
  psExecAttach: get('/apps/:app/ps/exec/:exec/attach', 'member', 'Terminal of a session; connecting starts it', {
    answer: 'socket',
  }),
  psCopy: get('/apps/:app/ps/copy', 'member', 'Copies a tar out of a process or into it', { answer: 'socket' }),
  psForward: get('/apps/:app/ps/forward', 'member', 'One connection to a port of a process', { answer: 'socket' }),
  runList: get('/apps/:app/run', 'member', 'One-off processes; detached ones are kept for a day after their end'),
  runCreate: post('/apps/:app/run', 'member', 'Starts a one-off process from the current release'),
  runAttach: get('/apps/:app/run/:run/attach', 'member', 'Terminal of a one-off process', { answer: 'socket' }),
  runStop: post('/apps/:app/run/:run/stop', 'member', 'Stops a one-off process', { answer: 'operation' }),
};
