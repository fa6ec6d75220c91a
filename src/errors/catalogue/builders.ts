import { failure } from '../entry.ts';

export const builders = {
  BUILDS_TOO_MANY: failure<{ app: string; limit: number }>(409, 'user', (p) => `${p.limit} deploys of ${p.app} wait or are under way; no more are taken now.`,
    () => 'Wait until one has ended, or stop one: `mothership builds:cancel`.'),
  BUILD_CACHE_IN_USE: failure<{ app: string }>(409, 'user', (p) => `${p.app} is being built, and the build uses its cache.`,
    () => 'Wait until it has ended, or stop it: `mothership builds:cancel`. `mothership deploy --clear-cache` builds without it.'),
};
