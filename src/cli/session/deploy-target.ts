import { randomBytes } from 'node:crypto';
import type { App } from '#api';
import { fail, isMothershipError } from '#errors';
import type { ApiClient } from '../api/client.ts';
import { appOf, findProject, isPathSegment, readProject, withSuffix, writeProject, type Project } from './project.ts';

/** Returns the named app, or else the folder's, which must exist. */
export async function findApp(
  api: ApiClient,
  named: string | undefined,
  project: Project | undefined,
): Promise<App | undefined> {
  const app = named ?? appOf(project);
  if (!app || !isPathSegment(app)) return undefined;
  try {
    return await api.call('appsInfo', { params: { app } });
  } catch (error) {
    if (named && isMothershipError(error, 'APP_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Saves the app in the folder's `.mothership.json`, unless the folder already has one. */
export async function linkFolder(folder: string, app: string, context: string | undefined): Promise<void> {
  if ((await findProject(folder))?.app || (await readProject(folder))) return;
  await writeProject({ folder, app, ...(context ? { context } : {}) });
}

/** Throws APP_EXISTS and APP_NAME_INVALID (reserved); `isGuess`: after several tries with a random suffix. */
export async function createApp(api: ApiClient, name: string, isGuess: boolean): Promise<App> {
  if (!isGuess) return api.call('appsCreate', { body: { name } });
  for (const candidate of [
    name,
    ...Array.from({ length: 5 }, () => withSuffix(name, randomBytes(2).toString('hex'))),
  ]) {
    try {
      return await api.call('appsCreate', { body: { name: candidate } });
    } catch (error) {
      if (!isMothershipError(error, 'APP_EXISTS') && !isMothershipError(error, 'APP_NAME_INVALID')) throw error;
    }
  }
  throw fail('APP_EXISTS', { app: name });
}
