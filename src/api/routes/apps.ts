import type { RouteInfo } from '../route-info.ts';

export const appRoutes = {
  appsList: { method: 'GET', path: '/apps', access: 'member', summary: 'All apps' },
  appsCreate: { method: 'POST', path: '/apps', access: 'member', summary: 'Creates an app' },
  appsInfo: { method: 'GET', path: '/apps/:app', access: 'deploy', summary: 'One app' },
  appsUpdate: {
    method: 'PATCH',
    path: '/apps/:app',
    access: 'member',
    summary: 'Renames an app or turns its maintenance mode on or off',
  },
  appsDestroy: {
    method: 'DELETE',
    path: '/apps/:app',
    access: 'member',
    summary: 'Destroys an app and everything it owns; `confirm` repeats its name',
  },
  configGet: { method: 'GET', path: '/apps/:app/config', access: 'member', summary: 'Config vars with their values' },
  configUpdate: {
    method: 'PATCH',
    path: '/apps/:app/config',
    access: 'member',
    summary: 'Sets and unsets config vars; creates a release',
    answer: 'operation',
  },
  domainsList: { method: 'GET', path: '/apps/:app/domains', access: 'member', summary: 'Host names of an app' },
  domainsAdd: { method: 'POST', path: '/apps/:app/domains', access: 'member', summary: 'Adds a host name' },
  domainsRemove: {
    method: 'DELETE',
    path: '/apps/:app/domains/:domain',
    access: 'member',
    summary: 'Removes a host name',
  },
  domainsClear: {
    method: 'DELETE',
    path: '/apps/:app/domains',
    access: 'member',
    summary: 'Removes all host names except the default',
  },
  logs: {
    method: 'GET',
    path: '/apps/:app/logs',
    access: 'member',
    summary: 'Log lines of the app and the router',
    answer: 'ndjson',
  },
} as const satisfies Record<string, RouteInfo>;
