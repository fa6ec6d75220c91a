import { domainToASCII } from 'node:url';
import { fail } from '#errors';
import type { AppRecord, ClusterRecord } from '#store';
import { printable } from './name.ts';

/** Reserved as an app's name: the controller is at `mothership.<domain>`. */
const PLATFORM = 'mothership';
/** RFC 1035. */
const MOST_CHARACTERS = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns a host name in canonical form (lower case, ASCII), with an optional `*.`. Throws DOMAIN_INVALID. */
export function checkDomain(given: string): string {
  const wildcard = given.startsWith('*.');
  const name = (wildcard ? given.slice(2) : given).replace(/\.$/, '');
  // domainToASCII follows the URL rules, which silently cut off paths and ports, and takes quadratic time.
  if (name.length > MOST_CHARACTERS || /[/:@?#\\\s%]/.test(name))
    throw fail('DOMAIN_INVALID', { domain: printable(given) });
  const host = domainToASCII(name).toLowerCase();
  const labels = host.split('.');
  const isIpv4 = labels.length === 4 && labels.every((label) => /^\d+$/.test(label));
  if (host.length > MOST_CHARACTERS || labels.length < 2 || isIpv4 || !labels.every((label) => LABEL.test(label))) {
    throw fail('DOMAIN_INVALID', { domain: printable(given) });
  }
  return wildcard ? `*.${host}` : host;
}

export function defaultDomain(name: string, cluster: Pick<ClusterRecord, 'domain'>): string {
  return `${name}.${cluster.domain}`;
}

/** Throws DOMAIN_OF_PLATFORM, DOMAIN_IS_DEFAULT, DOMAIN_SET_ALREADY or DOMAIN_TAKEN if the domain is in use. */
export function checkDomainFree(
  domain: string,
  app: AppRecord,
  apps: readonly AppRecord[],
  cluster: Pick<ClusterRecord, 'domain'>,
): void {
  if (domain === `${PLATFORM}.${cluster.domain}` || domain === `*.${cluster.domain}`)
    throw fail('DOMAIN_OF_PLATFORM', { domain });
  for (const other of apps) {
    if (domain === defaultDomain(other.name, cluster)) throw fail('DOMAIN_IS_DEFAULT', { domain, app: other.name });
    if (!other.domains.includes(domain)) continue;
    if (other.id === app.id) throw fail('DOMAIN_SET_ALREADY', { domain, app: app.name });
    throw fail('DOMAIN_TAKEN', { domain, owner: other.name });
  }
}

export interface MisplacedDomain {
  readonly domain: string;
  /** Name of the app that claims it. */
  readonly app: string;
  /** Name of the app to which all names under its default domain belong, or `the platform`. */
  readonly owner: string;
}

/**
 * Domains claimed under the default domain of another app or of the platform, or above all of them. A browser treats
 * such a name as part of the owner's site: it can set its cookies, and users take it for the owner's.
 */
export function misplacedDomains(
  apps: readonly Pick<AppRecord, 'name' | 'domains'>[],
  cluster: Pick<ClusterRecord, 'domain'>,
): MisplacedDomain[] {
  const names = new Set(apps.map(({ name }) => name));
  return apps.flatMap((app) =>
    app.domains.flatMap((domain): MisplacedDomain[] => {
      const name = coversPlatform(domain, cluster) ? PLATFORM : nameAbove(domain, cluster);
      if (name === undefined || name === app.name) return [];
      if (name === PLATFORM) return [{ domain, app: app.name, owner: 'the platform' }];
      return names.has(name) ? [{ domain, app: app.name, owner: name }] : [];
    }),
  );
}

/**
 * As `checkDomainFree`, also for a wildcard above the cluster's domain; throws DOMAIN_RESERVED for a name under the
 * default domain of another app or the platform.
 */
export function checkDomainClaim(
  domain: string,
  app: AppRecord,
  apps: readonly AppRecord[],
  cluster: Pick<ClusterRecord, 'domain'>,
): void {
  checkDomainFree(domain, app, apps, cluster);
  if (coversPlatform(domain, cluster)) throw fail('DOMAIN_OF_PLATFORM', { domain });
  const others = apps.filter(({ id }) => id !== app.id);
  const claim = misplacedDomains([{ name: app.name, domains: [domain] }, ...others], cluster);
  const found = claim.find((each) => each.app === app.name && each.domain === domain);
  if (found) throw fail('DOMAIN_RESERVED', { domain, owner: found.owner });
}

/** Throws DOMAIN_TAKEN if another app claims the default domain of this name, or a name under it. */
export function checkNameClaim(
  app: AppRecord,
  others: readonly AppRecord[],
  cluster: Pick<ClusterRecord, 'domain'>,
): void {
  checkDomainFree(defaultDomain(app.name, cluster), app, others, cluster);
  const found = misplacedDomains([app, ...others], cluster).find(({ owner }) => owner === app.name);
  if (found) throw fail('DOMAIN_TAKEN', { domain: found.domain, owner: found.app });
}

/** `shop` for shop.my-paas.com and everything under it; undefined outside of the cluster's domain. */
function nameAbove(domain: string, cluster: Pick<ClusterRecord, 'domain'>): string | undefined {
  const host = domain.replace(/^\*\./, '');
  const suffix = `.${cluster.domain}`;
  return host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.').at(-1) : undefined;
}

/** Whether a wildcard is `*.` before the cluster's domain or before one that contains it. */
function coversPlatform(domain: string, cluster: Pick<ClusterRecord, 'domain'>): boolean {
  return domain.startsWith('*.') && `.${cluster.domain}`.endsWith(domain.slice(1));
}

/** The URL to open in a browser. */
export function appUrl(name: string, cluster: Pick<ClusterRecord, 'domain' | 'httpPort'>): string {
  const port = cluster.httpPort === 80 ? '' : `:${cluster.httpPort}`;
  return `http://${defaultDomain(name, cluster)}${port}`;
}
