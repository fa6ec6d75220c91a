import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function backupRoutes(register: Register, platform: Platform): void {
  register('backupCreate', ({ query }) => platform.backup.create(query));
  register('backupRestore', ({ query, upload, caller }) =>
    platform.backup.restore({ archive: upload, options: query }, caller),
  );
}
