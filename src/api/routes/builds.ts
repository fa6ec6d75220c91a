import type { RouteInfo } from '../route-info.ts';

export const buildRoutes = {
  buildsList: { method: 'GET', path: '/apps/:app/builds', access: 'deploy', summary: 'Builds, newest first' },
  buildsCreate: {
    method: 'POST',
    path: '/apps/:app/builds',
    access: 'deploy',
    summary: 'Builds the uploaded source and releases it',
    answer: 'operation',
    upload: 'application/gzip',
  },
  sourcesCreate: {
    method: 'POST',
    path: '/apps/:app/sources',
    access: 'deploy',
    summary:
      "Accepts a manifest: the source's gzipped tar with each file's content replaced by its " +
      'SHA-256 in hex; responds with the digests to upload with the build',
    upload: 'application/gzip',
  },
  buildsInfo: { method: 'GET', path: '/apps/:app/builds/:build', access: 'deploy', summary: 'One build' },
  buildsOutput: {
    method: 'GET',
    path: '/apps/:app/builds/:build/output',
    access: 'deploy',
    summary: "A build's output, live while it runs",
    answer: 'ndjson',
  },
  buildsCachePurge: {
    method: 'DELETE',
    path: '/apps/:app/builds/cache',
    access: 'member',
    summary: 'Deletes the build cache of an app',
  },
  buildsCancel: {
    method: 'POST',
    path: '/apps/:app/builds/:build/cancel',
    access: 'deploy',
    summary: 'Cancels a build',
  },
  buildSettingsInfo: {
    method: 'GET',
    path: '/builds/settings',
    access: 'admin',
    summary: 'Settings for the builds of all apps; may contain secrets',
  },
  buildSettingsUpdate: {
    method: 'PATCH',
    path: '/builds/settings',
    access: 'admin',
    summary: 'Sets variables and limits for all builds',
  },
  buildpacksList: {
    method: 'GET',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Buildpacks set on an app',
  },
  buildpacksUpdate: {
    method: 'PATCH',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Changes the buildpacks of an app, starting with its next build',
  },
  testsCreate: {
    method: 'POST',
    path: '/apps/:app/tests',
    access: 'member',
    summary: 'Builds the uploaded source for testing and runs its tests',
    answer: 'operation',
    upload: 'application/gzip',
  },
} as const satisfies Record<string, RouteInfo>;
