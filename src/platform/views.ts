import { appUrl, defaultDomain, formationFor } from '../apps/index.ts';
import type { App, Build, Domain, ProcessFormation, Release } from '../api/index.ts';
import type { AppRecord, ClusterRecord, ReleaseRecord, StoredBuild, StoredRelease } from '../store/index.ts';

/** Records as the contract's objects. */
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
    command: live.processTypes[type] ?? null,
  }));
}

export function domainsView(record: AppRecord, cluster: ClusterRecord): Domain[] {
  const custom = record.domains.map((domain): Domain => ({ domain, kind: 'custom' }));
  return [{ domain: defaultDomain(record.name, cluster), kind: 'default' }, ...custom];
}

export function releaseView({ record, status }: StoredRelease, app: AppRecord): Release {
  return {
    version: record.version,
    status: status.status,
    current: app.live?.release === record.version,
    description: record.description,
    by: record.by,
    createdAt: record.createdAt,
    image: record.image,
    build: record.build,
    ref: record.ref,
    configKeys: Object.keys(record.config).sort(),
    processTypes: { ...record.processTypes },
    error: status.error ?? null,
  };
}

export function buildView({ record, status }: StoredBuild, appName: string): Build {
  return {
    id: record.id,
    app: appName,
    status: status.status,
    kind: status.kind,
    stack: record.stack,
    buildpacks: [...status.buildpacks],
    ref: record.ref,
    by: record.by,
    createdAt: record.createdAt,
    finishedAt: status.finishedAt ?? null,
    image: status.image ?? null,
    sizeBytes: status.sizeBytes ?? null,
    builder: status.builder ?? null,
    release: status.release ?? null,
    error: status.error ?? null,
    operation: record.operation,
  };
}
