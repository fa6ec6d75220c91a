import { failure } from '../entry.ts';

export const builders = {
  BUILDS_TOO_MANY: failure<{ app: string; limit: number }>(409, 'user', (p) => `${p.limit} deploys of ${p.app} wait or are under way; no more are taken now.`,
    () => 'Wait until one has ended, or stop one: `mothership builds:cancel`.'),
};
