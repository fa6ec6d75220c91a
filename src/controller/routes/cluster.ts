import { openApiDocument } from '../../api/openapi.ts';
import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function clusterRoutes(register: Register, platform: Platform, version: string): void {
  const document = openApiDocument(version);
  register('health', () => ({ status: 'ok', version }));
  register('openapi', () => document);
  register('account', ({ caller }) => platform.account(caller));
  register('clusterInfo', () => platform.cluster.info());
}
