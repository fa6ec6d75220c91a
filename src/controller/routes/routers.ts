import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function routersRoutes(register: Register, platform: Platform): void {
  register('routerPoll', ({ body, signal }) => platform.routers.poll(body, signal));
}
