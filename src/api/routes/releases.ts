import { get, post } from '../route-info.ts';

export const releaseRoutes = {
  releasesList: get('/apps/:app/releases', 'member', 'Releases, newest first'),
  releasesCreate: post('/apps/:app/releases', 'member', 'Releases a prebuilt image', { answer: 'operation' }),
  releasesInfo: get('/apps/:app/releases/:release', 'member', 'One release; `current` is the live one'),
  releasesRollback: post('/apps/:app/rollback', 'member', 'Creates a new release from an earlier one', {
    answer: 'operation',
  }),
  releasesRetry: post('/apps/:app/releases/retry', 'member', 'Runs the newest release again if it failed', {
    answer: 'operation',
  }),
  releasesOutput: get(
    '/apps/:app/releases/:release/output',
    'member',
    'What the release command and the start of a release wrote, live while they run',
    { answer: 'ndjson' },
  ),
  stackInfo: get('/apps/:app/stack', 'member', 'The stack of an app, and whether a newer run image is available'),
  stackUpdate: post(
    '/apps/:app/stack/update',
    'member',
    'Rebases an app onto the newest run image, without rebuilding',
    { answer: 'operation' },
  ),
  stackUpdateAll: post('/stack/update', 'admin', 'Rebases all outdated apps, one at a time', { answer: 'operation' }),
};
