import { api } from './api.ts';
import { apps } from './apps.ts';
import { aws } from './aws.ts';
import { backup } from './backup.ts';
import { builders } from './builders.ts';
import { builds } from './builds.ts';
import { cli } from './cli.ts';
import { cluster } from './cluster.ts';
import { dockerfiles } from './dockerfiles.ts';
import { engine } from './engine.ts';
import { general } from './general.ts';
import { machines } from './machines.ts';
import { nodes } from './nodes.ts';
import { operations } from './operations.ts';
import { processes } from './processes.ts';
import { practice } from './practice.ts';
import { registry } from './registry.ts';
import { remote } from './remote.ts';
import { rollout } from './rollout.ts';
import { source } from './source.ts';
import { stacks } from './stacks.ts';

/** Every error a user can see, one file per noun. */
export const catalogue = {
  ...general,
  ...api,
  ...apps,
  ...aws,
  ...backup,
  ...cli,
  ...cluster,
  ...builders,
  ...builds,
  ...dockerfiles,
  ...engine,
  ...machines,
  ...nodes,
  ...operations,
  ...processes,
  ...practice,
  ...registry,
  ...remote,
  ...rollout,
  ...source,
  ...stacks,
};

export type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;
