import { counted } from '#values/counted.ts';
import { ExitCode, failure } from '../entry.ts';

export const stacks = {
  STACK_UPDATE_REFUSED: failure<{ app: string; why: string }>(
    409,
    'user',
    (p) => `Cannot update the stack of ${p.app} in place: ${p.why}.`,
    'Deploy it again.',
  ),
  STACK_UPDATE_PARTIAL: failure<{ updated: readonly string[]; failed: readonly { app: string; why: string }[] }>(
    422,
    'app',
    (p) =>
      `Updated ${counted(p.updated.length, 'apps')}; ${p.failed.length} ` +
      `failed:\n${p.failed.map(({ app, why }) => `  - ${app}: ${why}`).join('\n')}`,
    'The failed apps keep running their current releases. Fix them, then run the command again.',
    ExitCode.partial,
  ),
};
