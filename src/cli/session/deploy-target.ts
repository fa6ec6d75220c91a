import { randomBytes } from 'node:crypto';
import type { App } from '../../api/index.ts';
import { fail, isMothershipError } from '../../errors/index.ts';
import type { ApiClient } from '../api/client.ts';
import { appNameFrom, findProject, readProject, withSuffix, writeProject, type Project } from './project.ts';

export interface TargetOptions {
  /** The folder that is deployed. */
  readonly folder: string;
  /** What `findApp` found. */
  readonly app: App | undefined;
  /** `--app` or MOTHERSHIP_APP. */
  readonly named?: string;
  readonly context?: string;
  /** Whether the folder, if it belongs to no app yet, is tied to this one. */
  readonly link: boolean;
}

export interface Target {
  readonly app: App;
  readonly created: boolean;
}

/** The app that is named, else the one that the folder is tied to, which must be there. */
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

/** The app to deploy to: the one that was found, or a new one with the name that was given, else called like the folder. */
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
