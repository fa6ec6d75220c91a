import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function tokensRoutes(register: Register, platform: Platform): void {
  register('tokensList', () => platform.tokens.list());
  register('tokensCreate', ({ body }) => platform.tokens.create(body));
  register('tokensRevoke', ({ params }) => platform.tokens.revoke(params.token));
}
