import { randomBytes } from 'node:crypto';
import type { App } from '../../api/index.ts';
import { fail, isMothershipError } from '../../errors/index.ts';
import type { ApiClient } from '../api/client.ts';
import { appNameFrom, findProject, readProject, withSuffix, writeProject, type Project } from './project.ts';

export interface TargetOptions {
  /** The folder to deploy. */
  readonly folder: string;
  /** The result of `findApp`. */
  readonly app: App | undefined;
  /** `--app` or MOTHERSHIP_APP. */
  readonly named?: string;
  readonly context?: string;
  /** Whether to save the app in the folder's `.mothership.json` if it has none. */
  readonly link: boolean;
}

export interface Target {
  readonly app: App;
  readonly created: boolean;
}

/** Returns the named app, or else the folder's, which must exist. */
export async function findApp(
  api: ApiClient,
  named: string | undefined,
  project: Project | undefined,
): Promise<App | undefined> {
  const app = named ?? project?.app;
  if (!app) return undefined;
  try {
    return await api.call('appsInfo', { params: { app } });
  } catch (error) {
    if (named && isMothershipError(error, 'APP_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Returns the app to deploy to: the one found, or a new one with the given name, or else the folder's name. */
export async function findTarget(
  api: ApiClient,
  { app, folder, named, context, link }: TargetOptions,
): Promise<Target> {
  const target = app ? { app, created: false } : { app: await create(api, named, folder), created: true };
  if (link && !(await findProject(folder))?.app && !(await readProject(folder))) {
    await writeProject({ folder, app: target.app.name, ...(context ? { context } : {}) });
  }
  return target;
}

function create(api: ApiClient, name: string | undefined, folder: string): Promise<App> {
  return name ? api.call('appsCreate', { body: { name } }) : createLike(api, appNameFrom(folder));
}

async function createLike(api: ApiClient, name: string): Promise<App> {
  for (const candidate of [
    name,
    ...Array.from({ length: 5 }, () => withSuffix(name, randomBytes(2).toString('hex'))),
  ]) {
    try {
      return await api.call('appsCreate', { body: { name: candidate } });
    } catch (error) {
      if (!isMothershipError(error, 'APP_EXISTS')) throw error;
    }
  }
  throw fail('APP_EXISTS', { app: name });
}
