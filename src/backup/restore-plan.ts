import { checkAppName, checkDomainFree, defaultDomain } from '#apps';
import { own } from '#values/own.ts';
import { fail } from '#errors';
import type { AppRecord, ClusterRecord } from '#store';
import type { AppBackup, BackupContents } from './contents.ts';

/** The current state of the cluster that a backup is restored to. */
export interface RestoreTarget {
  readonly cluster: Pick<ClusterRecord, 'name' | 'domain' | 'stacks'>;
  readonly apps: readonly AppRecord[];
  /** Ids of its images. */
  readonly images: ReadonlySet<string>;
  /** Existing apps may be overwritten. */
  readonly replace: boolean;
}

export interface AppRestore {
  readonly backup: AppBackup;
  /** `keep`: the app matches the backup, for example after an interrupted restore; only missing parts are added. */
  readonly action: 'create' | 'keep' | 'replace';
  /** Releases that cannot run because their image is missing. */
  readonly withoutImage: readonly number[];
}

export interface RestorePlan {
  readonly apps: readonly AppRestore[];
  readonly warnings: readonly string[];
}

/** Decides what a restore does. Pure. Throws RESTORE_CONFLICT with all conflicts. */
export function planRestore(contents: BackupContents, target: RestoreTarget): RestorePlan {
  const apps = contents.apps.map((backup): AppRestore => ({
    backup,
    action: actionFor(backup.app, target),
    withoutImage: withoutImage(backup, contents, target),
  }));
  const changed = apps
    .filter(({ action }) => action === 'replace')
    .map(({ backup }) => `${backup.app.name} already exists on this cluster and differs from the backup`);
  const problems = contents.apps.flatMap(({ app }) => problemsOf(app, contents, target));
  if (problems.length > 0)
    throw fail('RESTORE_CONFLICT', { problems: [...problems, ...(target.replace ? [] : changed)], replaceable: false });
  if (changed.length > 0 && !target.replace) throw fail('RESTORE_CONFLICT', { problems: changed, replaceable: true });
  return { apps, warnings: warningsOf(contents, target) };
}

function actionFor(app: AppRecord, { apps }: RestoreTarget): AppRestore['action'] {
  const held = apps.find(({ id }) => id === app.id);
  if (!held) return 'create';
  return isSame(app, held) ? 'keep' : 'replace';
}

/**
 * Whether the app is unchanged since the backup. A start adds sizes to the formation, so only chosen entries are
 * compared.
 */
function isSame(app: AppRecord, held: AppRecord): boolean {
  const facts = (app: AppRecord): string =>
    JSON.stringify([
      app.name,
      app.createdAt,
      app.stack,
      app.maintenance,
      app.domains,
      app.buildpacks,
      app.source?.root,
      app.source?.watch,
      app.lastRelease,
    ]);
  const sizes = Object.entries(app.formation).every(([type, size]) => {
    const other = own(held.formation, type);
    return other?.quantity === size.quantity && other.memoryBytes === size.memoryBytes && other.cpus === size.cpus;
  });
  return sizes && facts(app) === facts(held);
}

function withoutImage(
  { releases }: AppBackup,
  { images, manifest }: BackupContents,
  { images: held }: RestoreTarget,
): number[] {
  const brought = new Set(manifest.images ? images.map(({ id }) => id) : []);
  const lacks = (image: string | null): boolean => image !== null && !brought.has(image) && !held.has(image);
  return releases
    .filter(({ record, status }) => status.status === 'succeeded' && lacks(record.image))
    .map(({ record }) => record.version);
}

/** Conflicts that no flag overrides: a name or host name of another app. */
function problemsOf(app: AppRecord, contents: BackupContents, { cluster, apps }: RestoreTarget): string[] {
  const named = apps.find(({ id, name }) => name === app.name && id !== app.id);
  if (named) return [`${app.name} is the name of a different app on this cluster`];
  const restored = new Set(contents.apps.map((each) => each.app.id));
  const others = [
    ...apps.filter(({ id }) => !restored.has(id)),
    ...contents.apps.map((each) => each.app).filter(({ id }) => id !== app.id),
  ];
  const checks = [
    () => void checkAppName(app.name),
    ...[defaultDomain(app.name, cluster), ...app.domains].map(
      (domain) => () => checkDomainFree(domain, app, others, cluster),
    ),
  ];
  return checks.flatMap((check) => reasonOf(check));
}

function reasonOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function warningsOf({ apps, manifest, certificate }: BackupContents, { cluster }: RestoreTarget): string[] {
  const stacks = [...new Set(apps.map(({ app }) => app.stack))].filter(
    (stack) => !Object.hasOwn(cluster.stacks, stack),
  );
  return [
    ...stacks.map(
      (stack) => `This cluster does not have the stack ${stack}: its apps run, but cannot be built until it does.`,
    ),
    ...(manifest.domain === cluster.domain
      ? []
      : [
          `The domain changes from ${manifest.domain} to ${cluster.domain}: apps get new default ` +
            'names; custom domains stay.',
        ]),
    ...(certificate && certificate.domain !== cluster.domain
      ? [`The certificate is for ${certificate.domain} and is not used here.`]
      : []),
  ];
}
