import { get, patch, post, remove } from '../route-info.ts';

export const buildRoutes = {
  buildsList: get('/apps/:app/builds', 'deploy', 'Builds, newest first'),
  buildsCreate: post('/apps/:app/builds', 'deploy', 'Builds the uploaded source and releases it', {
    answer: 'operation',
    upload: 'application/gzip',
  }),
  sourcesCreate: post(
    '/apps/:app/sources',
    'deploy',
    "Accepts a manifest: the source's gzipped tar with each file's content replaced by its " +
      'SHA-256 in hex; responds with the digests to upload with the build',
    { upload: 'application/gzip' },
  ),
  buildsInfo: get('/apps/:app/builds/:build', 'deploy', 'One build'),
  buildsOutput: get('/apps/:app/builds/:build/output', 'deploy', "A build's output, live while it runs", {
    answer: 'ndjson',
  }),
  buildsCachePurge: remove('/apps/:app/builds/cache', 'member', 'Deletes the build cache of an app'),
  buildsCancel: post('/apps/:app/builds/:build/cancel', 'deploy', 'Cancels a build'),
  buildSettingsInfo: get('/builds/settings', 'admin', 'Settings for the builds of all apps; may contain secrets'),
  buildSettingsUpdate: patch('/builds/settings', 'admin', 'Sets variables and limits for all builds'),
  buildpacksList: get('/apps/:app/buildpacks', 'member', 'Buildpacks set on an app'),
  buildpacksUpdate: patch(
    '/apps/:app/buildpacks',
    'member',
    'Changes the buildpacks of an app, starting with its next build',
  ),
  testsCreate: post('/apps/:app/tests', 'member', 'Builds the uploaded source for testing and runs its tests', {
    answer: 'operation',
    upload: 'application/gzip',
  }),
};
