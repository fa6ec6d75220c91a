import { randomBytes } from 'node:crypto';
import type { App } from '../api/index.ts';
import { fail, isMothershipError } from '../errors/index.ts';
import type { ApiClient } from './client.ts';
import { appNameFrom, readProject, withSuffix, writeProject, type Project } from './project.ts';

export interface TargetOptions {
  /** The folder that is deployed. */
  readonly folder: string;
  /** `--app` or MOTHERSHIP_APP. */
  readonly named?: string;
  /** The nearest folder tied to an app. */
  readonly project?: Project;
  readonly context?: string;
  /** Whether a folder that belongs to no app yet is tied to this one. */
  readonly link: boolean;
}

export interface Target {
  readonly app: App;
  readonly created: boolean;
}

/**
 * The app to deploy to: the one named, the folder's, or a new one called like the folder. A name that is given and not
 * taken is created too; an app that the folder is tied to must be there.
 */
export async function findTarget(api: ApiClient, options: TargetOptions): Promise<Target> {
  const { folder, named, project, context, link } = options;
  const target = await choose(api, named, project?.app, folder);
  if (link && !project?.app && !(await readProject(folder))) {
    await writeProject({ folder, app: target.app.name, ...(context ? { context } : {}) });
  }
  return target;
}

async function choose(api: ApiClient, named: string | undefined, tied: string | undefined, folder: string): Promise<Target> {
  if (named) return findOrCreate(api, named);
  if (tied) return { app: await api.call('appsInfo', { params: { app: tied } }), created: false };
  return createLike(api, appNameFrom(folder));
}

async function findOrCreate(api: ApiClient, name: string): Promise<Target> {
  try {
    return { app: await api.call('appsInfo', { params: { app: name } }), created: false };
  } catch (error) {
    if (!isMothershipError(error, 'APP_NOT_FOUND')) throw error;
    return { app: await api.call('appsCreate', { body: { name } }), created: true };
  }
}

async function createLike(api: ApiClient, name: string): Promise<Target> {
  for (const candidate of [name, ...Array.from({ length: 5 }, () => withSuffix(name, randomBytes(2).toString('hex')))]) {
    try {
      return { app: await api.call('appsCreate', { body: { name: candidate } }), created: true };
    } catch (error) {
      if (!isMothershipError(error, 'APP_EXISTS')) throw error;
    }
  }
  throw fail('APP_EXISTS', { app: name });
}
