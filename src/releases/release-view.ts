import type { Release } from '#api';
import { appUrl } from '#apps';
import type { AppRecord, ReleaseRecord, StoredRelease } from '#store';
import type { ReleasePorts } from './ports.ts';

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

/** The result of an operation that created a release. `url` is null if the release has no web process. */
export function deployed(
  { cluster }: Pick<ReleasePorts, 'cluster'>,
  app: AppRecord,
  release: ReleaseRecord,
): Record<string, unknown> {
  const url = Object.hasOwn(release.processTypes, 'web') ? appUrl(app.name, cluster) : null;
  return { app: app.name, release: release.version, url, image: release.image };
}
