import { failure, usage } from '../entry.ts';

export const builders = {
  BUILDS_TOO_MANY: failure<{ app: string; limit: number }>(
    409,
    'user',
    (p) => `${p.limit} deploys of ${p.app} wait or are under way; no more are taken now.`,
    () => 'Wait until one has ended, or stop one: `mothership builds:cancel`.',
  ),
  BUILD_CACHE_IN_USE: failure<{ app: string }>(
    409,
    'user',
    (p) => `${p.app} is being built, and the build uses its cache.`,
    () =>
      'Wait until it has ended, or stop it: `mothership builds:cancel`. `mothership deploy --clear-cache` builds without it.',
  ),
  BUILD_SETTING_INVALID: usage<{ name: string; why: string }>((p) => `"${p.name}" cannot be set for builds: ${p.why}.`),
  BUILD_SETTING_MISSING: usage<{ name: string }>(
    (p) => `Builds have no variable ${p.name}.`,
    () => 'See `mothership builds:settings`.',
    404,
  ),
  BUILD_SETTINGS_TOO_LARGE: usage<{ bytes: number; limit: number }>(
    (p) => `The settings of builds would be ${p.bytes} bytes; ${p.limit} is the most.`,
    () => 'Set what only some apps need as their config vars.',
  ),
};
