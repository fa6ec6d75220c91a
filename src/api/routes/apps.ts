import { get, patch, post, remove } from '../route-info.ts';

export const appRoutes = {
  appsList: get('/apps', 'member', 'All apps'),
  appsCreate: post('/apps', 'member', 'Creates an app'),
  appsInfo: get('/apps/:app', 'deploy', 'One app'),
  appsUpdate: patch('/apps/:app', 'member', 'Renames an app or turns its maintenance mode on or off'),
  appsDestroy: remove('/apps/:app', 'member', 'Destroys an app and everything it owns; `confirm` repeats its name'),
  appsErrors: get('/apps/:app/errors', 'member', 'Router errors and crashes of an app, counted by their codes'),
  configGet: get('/apps/:app/config', 'member', 'Config vars with their values'),
  configUpdate: patch('/apps/:app/config', 'member', 'Sets and unsets config vars; creates a release', {
    answer: 'operation',
  }),
  domainsList: get('/apps/:app/domains', 'member', 'Host names of an app'),
  domainsAdd: post('/apps/:app/domains', 'member', 'Adds a host name'),
  domainsRemove: remove('/apps/:app/domains/:domain', 'member', 'Removes a host name'),
  domainsClear: remove('/apps/:app/domains', 'member', 'Removes all host names except the default'),
  logs: get('/apps/:app/logs', 'member', 'Log lines of the app and the router', { answer: 'ndjson' }),
};
