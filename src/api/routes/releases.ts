import type { RouteInfo } from '../route-info.ts';

export const releaseRoutes = {
  releasesList: { method: 'GET', path: '/apps/:app/releases', access: 'member', summary: 'Releases, newest first' },
  releasesCreate: {
    method: 'POST',
    path: '/apps/:app/releases',
    access: 'member',
    summary: 'Releases a prebuilt image',
    answer: 'operation',
  },
  releasesInfo: {
    method: 'GET',
    path: '/apps/:app/releases/:release',
    access: 'member',
    summary: 'One release; `current` is the live one',
  },
  releasesRollback: {
    method: 'POST',
    path: '/apps/:app/rollback',
    access: 'member',
    summary: 'Creates a new release from an earlier one',
    answer: 'operation',
  },
  stackInfo: {
    method: 'GET',
    path: '/apps/:app/stack',
    access: 'member',
    summary: 'The stack of an app, and whether a newer run image is available',
  },
  stackUpdate: {
    method: 'POST',
    path: '/apps/:app/stack/update',
    access: 'member',
    summary: 'Rebases an app onto the newest run image, without rebuilding',
    answer: 'operation',
  },
  stackUpdateAll: {
    method: 'POST',
    path: '/stack/update',
    access: 'admin',
    summary: 'Rebases all outdated apps, one at a time',
    answer: 'operation',
  },
} as const satisfies Record<string, RouteInfo>;
