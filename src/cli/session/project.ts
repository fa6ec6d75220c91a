import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail } from '#errors';
import { unreadable } from '../files/unreadable.ts';

export const PROJECT_FILE = '.mothership.json';

/** Contents of `.mothership.json`. */
export interface Project {
  readonly folder: string;
  readonly app?: string;
  readonly context?: string;
}

/**
 * Finds the `.mothership.json` of `folder`; in a Git repository, the nearest one between it and the top. Throws
 * PROJECT_FILE_BROKEN or FILE_UNREADABLE.
 */
export async function findProject(folder: string): Promise<Project | undefined> {
  const top = gitTop(folder) ?? folder;
  for (let current = folder; ; current = dirname(current)) {
    const project = await readProject(current);
    if (project || current === top) return project;
  }
}

/** The top of the working tree that `folder` is in; undefined outside of Git. */
export function gitTop(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    if (existsSync(join(current, '.git'))) return current;
    if (dirname(current) === current) return undefined;
  }
}

export async function readProject(folder: string): Promise<Project | undefined> {
  const file = join(folder, PROJECT_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw unreadable(file, error);
  }
  try {
    const { app, context } = JSON.parse(text) as Record<string, unknown>;
    return { folder, ...(typeof app === 'string' ? { app } : {}), ...(typeof context === 'string' ? { context } : {}) };
  } catch (error) {
    throw fail('PROJECT_FILE_BROKEN', { file, why: (error as Error).message }, error);
  }
}

/** Whether an app's name is safe in a URL's path, where `..` would escape. */
export function isPathSegment(app: string): boolean {
  return /^[\p{L}\p{N}_-]+$/u.test(app);
}

/** The folder's app. Throws PROJECT_FILE_BROKEN for a name that no app can have. */
export function appOf(project: Project | undefined): string | undefined {
  if (!project?.app || isPathSegment(project.app)) return project?.app;
  const why = `"${project.app}" is not a valid app name`;
  throw fail('PROJECT_FILE_BROKEN', { file: join(project.folder, PROJECT_FILE), why });
}

export async function writeProject({ folder, app, context }: Project): Promise<void> {
  writeFileSync(join(folder, PROJECT_FILE), `${JSON.stringify({ app, ...(context ? { context } : {}) }, null, 2)}\n`);
}

/** Removes the folder's `.mothership.json`, or the one above it, for a destroyed app. */
export async function removeProject(folder: string, app: string): Promise<void> {
  const project = await findProject(folder);
  if (project?.app === app) rmSync(join(project.folder, PROJECT_FILE), { force: true });
}

const LONGEST = 30;

/** Derives an app name from a folder's name: `My Shop (old)` becomes `my-shop-old`. */
export function appNameFrom(folder: string): string {
  const plain = basename(folder)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  const dashed = plain.replace(/[^a-z0-9]+/g, '-').replace(/^[-0-9]+|-+$/g, '');
  const name = dashed.slice(0, LONGEST).replace(/-+$/, '');
  return name.length >= 2 ? name : `app${name ? `-${name}` : ''}`;
}

/** Returns another candidate if `name` is taken. */
export function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, LONGEST - suffix.length - 1).replace(/-+$/, '')}-${suffix}`;
}
