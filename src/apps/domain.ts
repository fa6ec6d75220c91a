import { domainToASCII } from 'node:url';
import { fail } from '#errors';
import type { AppRecord, ClusterRecord } from '#store';
import { printable } from './name.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns a host name in canonical form (lower case, ASCII), with an optional `*.`. Throws DOMAIN_INVALID. */
export function checkDomain(given: string): string {
  // domainToASCII follows the URL rules, which silently cut off paths and ports.
  if (/[/:@?#\\\s%]/.test(given)) throw fail('DOMAIN_INVALID', { domain: printable(given) });
  const wildcard = given.startsWith('*.');
  const host = domainToASCII((wildcard ? given.slice(2) : given).replace(/\.$/, '')).toLowerCase();
  const labels = host.split('.');
  const isIpv4 = labels.length === 4 && labels.every((label) => /^\d+$/.test(label));
  if (host.length > 253 || labels.length < 2 || isIpv4 || !labels.every((label) => LABEL.test(label))) {
    throw fail('DOMAIN_INVALID', { domain: printable(given) });
  }
  return wildcard ? `*.${host}` : host;
}

export function defaultDomain(name: string, cluster: Pick<ClusterRecord, 'domain'>): string {
  return `${name}.${cluster.domain}`;
}

/** Throws DOMAIN_TAKEN if another app or the platform uses the domain. */
export function checkDomainFree(
  domain: string,
  app: AppRecord,
  apps: readonly AppRecord[],
  cluster: Pick<ClusterRecord, 'domain'>,
): void {
  const platform = `mothership.${cluster.domain}`;
  if (domain === platform || domain === `*.${cluster.domain}`)
    throw fail('DOMAIN_TAKEN', { domain, owner: 'the platform' });
  for (const other of apps) {
    const taken = [defaultDomain(other.name, cluster), ...other.domains];
    if (taken.includes(domain))
      throw fail('DOMAIN_TAKEN', { domain, owner: other.id === app.id ? 'this app already' : other.name });
  }
}

/** The URL to open in a browser. */
export function appUrl(name: string, cluster: Pick<ClusterRecord, 'domain' | 'httpPort'>): string {
  const port = cluster.httpPort === 80 ? '' : `:${cluster.httpPort}`;
  return `http://${defaultDomain(name, cluster)}${port}`;
}
