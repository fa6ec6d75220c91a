import type { CommandTable } from '../cli/command-table.ts';

/** Every command; a test holds this equal to the files of this folder. */
export const commandTable = {
  'apps': () => import('./apps/index.ts'),
  'apps:create': () => import('./apps/create.ts'),
  'apps:destroy': () => import('./apps/destroy.ts'),
  'apps:info': () => import('./apps/info.ts'),
  'apps:open': () => import('./apps/open.ts'),
  'apps:rename': () => import('./apps/rename.ts'),
} satisfies CommandTable as CommandTable;

/** Topics as help lists them. */
export const topics: Readonly<Record<string, string>> = {
  apps: 'list, create, look at and destroy apps',
  builds: 'look at builds, their output, and cancel them',
  config: 'read and change config vars',
  contexts: 'choose among clusters',
  domains: 'manage the host names of an app',
  maintenance: 'show a maintenance page instead of the app',
  ps: 'look at processes, scale, size, restart and stop them',
  releases: 'look at releases and go back to an earlier one',
  run: 'run one-off processes',
  tokens: 'manage access tokens',
};
