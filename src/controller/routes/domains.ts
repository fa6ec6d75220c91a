import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function domainsRoutes(register: Register, platform: Platform): void {
  register('domainsList', ({ params }) => platform.domains.list(params.app));
  register('domainsAdd', ({ params, body, caller }) => platform.domains.add(params.app, body.domain, caller));
  register('domainsRemove', ({ params, caller }) => platform.domains.remove(params.app, params.domain, caller));
  register('domainsClear', ({ params, caller }) => platform.domains.clear(params.app, caller));
}
