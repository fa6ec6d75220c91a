import type { AppPorts } from './ports.ts';
import { checkDomain, checkDomainClaim, defaultDomain } from './domain.ts';
import { fail } from '#errors';
import type { Domain } from '#api';
import type { Caller } from '#access/caller.ts';
import { domainsView } from './app-view.ts';

/** Swarm stores the app's record in labels, so it must stay small. */
const MOST_DOMAINS = 100;

export interface Domains {
  list(app: string): Promise<Domain[]>;
  add(app: string, domain: string, caller: Caller): Promise<Domain>;
  remove(app: string, domain: string, caller: Caller): Promise<Domain>;
  clear(app: string, caller: Caller): Promise<Domain[]>;
}

export function domains({ store, routes, cluster }: AppPorts): Domains {
  return {
    async list(app) {
      return domainsView(await store.apps.get(app), cluster);
    },

    async add(app, given) {
      const domain = checkDomain(given);
      const record = await store.apps.get(app);
      checkDomainClaim(domain, record, await store.apps.list(), cluster);
      await store.apps.update(record.id, (current) => {
        if (current.domains.length >= MOST_DOMAINS) throw fail('DOMAINS_TOO_MANY', { limit: MOST_DOMAINS });
        return { ...current, domains: [...current.domains.filter((other) => other !== domain), domain] };
      });
      await routes.settle(record.id);
      return { domain, kind: 'custom' };
    },

    async remove(app, given) {
      const record = await store.apps.get(app);
      const domain = record.domains.includes(given) ? given : checkDomain(given);
      if (domain === defaultDomain(record.name, cluster)) throw fail('DOMAIN_STAYS', { domain, app });
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
      return domainsView(record, cluster).filter(({ kind }) => kind === 'custom');
    },
  };
}
