import { api } from './api.ts';
import { apps } from './apps.ts';
import { builds } from './builds.ts';
import { cli } from './cli.ts';
import { cluster } from './cluster.ts';
import { engine } from './engine.ts';
import { general } from './general.ts';
import { operations } from './operations.ts';
import { rollout } from './rollout.ts';

/** Every error a user can meet. Each noun keeps its lines in a file of its own. */
export const catalogue = { ...general, ...api, ...apps, ...cli, ...cluster, ...builds, ...engine, ...operations, ...rollout };

export type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;
