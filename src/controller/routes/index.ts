import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';
import { appsRoutes } from './apps.ts';
import { backupRoutes } from './backup.ts';
import { buildsRoutes } from './builds.ts';
import { buildpacksRoutes } from './buildpacks.ts';
import { clusterRoutes } from './cluster.ts';
import { configRoutes } from './config.ts';
import { domainsRoutes } from './domains.ts';
import { formationRoutes } from './formation.ts';
import { logsRoutes } from './logs.ts';
import { nodesRoutes } from './nodes.ts';
import { operationsRoutes } from './operations.ts';
import { psRoutes } from './ps.ts';
import { releasesRoutes } from './releases.ts';
import { routersRoutes } from './routers.ts';
import { runRoutes } from './run.ts';
import { stackRoutes } from './stack.ts';
import { tokensRoutes } from './tokens.ts';

const nouns = [
  backupRoutes,
  nodesRoutes,
  tokensRoutes,
  appsRoutes,
  configRoutes,
  buildsRoutes,
  buildpacksRoutes,
  releasesRoutes,
  stackRoutes,
  formationRoutes,
  psRoutes,
  domainsRoutes,
  logsRoutes,
  runRoutes,
  operationsRoutes,
  routersRoutes,
];

export function registerAll(register: Register, platform: Platform, version: string): void {
  clusterRoutes(register, platform, version);
  for (const noun of nouns) noun(register, platform);
}
