import { checkDomain, checkDomainFree } from './index.ts';
import { fail } from '../errors/index.ts';
import type { Parts } from '../platform/parts.ts';
import type { Platform } from '../platform/platform.ts';
import { domainsView } from '../platform/views.ts';

/** The app's record must stay small: Swarm keeps it in labels. */
const MOST_DOMAINS = 100;

export function domains({ store, routes, cluster }: Parts): Platform['domains'] {
  return {
    async list(app) {
      return domainsView(await store.apps.get(app), cluster);
    },

    async add(app, given) {
      const domain = checkDomain(given);
      const record = await store.apps.get(app);
      checkDomainFree(domain, record, await store.apps.list(), cluster);
      await store.apps.update(record.id, (current) => {
        if (current.domains.length >= MOST_DOMAINS) throw fail('DOMAINS_TOO_MANY', { limit: MOST_DOMAINS });
        return { ...current, domains: [...current.domains.filter((other) => other !== domain), domain] };
      });
      await routes.settle(record.id);
      return { domain, kind: 'custom' };
    },

    async remove(app, given) {
      const domain = given.toLowerCase();
      const record = await store.apps.get(app);
      await store.apps.update(record.id, (current) => {
        if (!current.domains.includes(domain)) throw fail('DOMAIN_NOT_FOUND', { domain, app });
        return { ...current, domains: current.domains.filter((other) => other !== domain) };
      });
      await routes.settle(record.id);
      return { domain, kind: 'custom' };
    },

    async clear(app) {
      const record = await store.apps.get(app);
      await store.apps.update(record.id, (current) => ({ ...current, domains: [] }));
      await routes.settle(record.id);
      return domainsView({ ...record, domains: [] }, cluster);
    },
  };
}
