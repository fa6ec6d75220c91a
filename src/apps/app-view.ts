import type { App, Domain, ProcessFormation } from '#api';
import { own } from '#values/own.ts';
import type { AppRecord, ReleaseRecord, ClusterRecord } from '#store/records.ts';
import { appUrl, defaultDomain } from './domain.ts';
import { formationFor } from './formation.ts';

/** App records as objects of the API. */
export function appView(record: AppRecord, live: ReleaseRecord | undefined, cluster: ClusterRecord): App {
  return {
    id: record.id,
    name: record.name,
    url: appUrl(record.name, cluster),
    stack: record.stack,
    createdAt: record.createdAt,
    maintenance: record.maintenance,
    release: live ? { version: live.version, createdAt: live.createdAt, description: live.description } : null,
    formation: live ? formationView(record, live) : [],
    domains: domainsView(record, cluster).map(({ domain }) => domain),
    source: record.source ? { root: record.source.root || '.', watch: [...record.source.watch] } : null,
    operation: record.lease
      ? { id: record.lease.operation, kind: record.lease.kind, by: record.lease.by, startedAt: record.lease.startedAt }
      : null,
  };
}

export function formationView(record: AppRecord, live: ReleaseRecord): ProcessFormation[] {
  const formation = formationFor(Object.keys(live.processTypes), record.formation);
  return Object.entries(formation).map(([type, { quantity, memoryBytes, cpus }]) => ({
    type,
    quantity,
    size: { memory: memoryBytes, cpus },
    command: own(live.processTypes, type) ?? null,
  }));
}

export function domainsView(record: AppRecord, cluster: ClusterRecord): Domain[] {
  const custom = record.domains.map((domain): Domain => ({ domain, kind: 'custom' }));
  return [{ domain: defaultDomain(record.name, cluster), kind: 'default' }, ...custom];
}
