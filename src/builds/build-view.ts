import type { Build } from '#api';
import type { StoredBuild } from '#store/store.ts';

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
