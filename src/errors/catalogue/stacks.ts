import { ExitCode, failure } from '../entry.ts';

export const stacks = {
  STACK_UPDATE_REFUSED: failure<{ app: string; why: string }>(
    409,
    'user',
    (p) => `The stack of ${p.app} cannot be updated in place: ${p.why}.`,
    () => 'Deploy it again.',
  ),
  STACK_UPDATE_PARTIAL: failure<{ updated: readonly string[]; failed: readonly { app: string; why: string }[] }>(
    422,
    'app',
    (p) =>
      `${p.updated.length} app${p.updated.length === 1 ? ' was' : 's were'} updated, ${p.failed.length} not:\n${p.failed.map(({ app, why }) => `  - ${app}: ${why}`).join('\n')}`,
    () => 'Those serve on with their old releases. Run the command again when they are mended.',
    ExitCode.partial,
  ),
};
