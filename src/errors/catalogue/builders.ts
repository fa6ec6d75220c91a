import { failure, usage } from '../entry.ts';

export const builders = {
  BUILDS_TOO_MANY: failure<{ app: string; limit: number }>(
    409,
    'user',
    (p) => `Too many deploys: ${p.limit} deploys of ${p.app} are already queued or running.`,
    'Wait for one to finish, or cancel one with `mothership builds:cancel`.',
  ),
  BUILD_CACHE_IN_USE: failure<{ app: string }>(
    409,
    'user',
    (p) => `The build cache of ${p.app} is in use by a running build.`,
    'Wait for the build to finish, or cancel it with `mothership builds:cancel`. `mothership ' +
      'deploy --clear-cache` builds without the cache.',
  ),
  BUILD_SETTING_INVALID: usage<{ name: string; why: string }>((p) => `Cannot set "${p.name}" for builds: ${p.why}.`),
  BUILD_SETTING_MISSING: usage<{ name: string }>(
    (p) => `The build setting ${p.name} is not set.`,
    'List the settings with `mothership builds:settings`.',
    404,
  ),
  BUILD_SETTINGS_TOO_LARGE: usage<{ bytes: number; limit: number }>(
    (p) => `The build settings are too large: ${p.bytes} bytes, but the limit is ${p.limit}.`,
    'Set variables that only some apps need as config vars of those apps.',
  ),
};
