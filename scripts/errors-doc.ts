import { writeFile } from 'node:fs/promises';
import { catalogue } from '../src/errors/index.ts';

/** The table in docs/errors.md, from the catalogue; `npx tsx scripts/errors-doc.ts` writes it, a test holds it. */
export function errorsDocument(): string {
  const rows = Object.entries(catalogue)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, exit, fault }]) => `| \`${code}\` | ${status} | ${exit} | ${fault} |`);
  return [
    '# Errors',
    '',
    'Every error has a code that never changes its meaning, an HTTP status, an exit code of the command line, and says whose move it is.',
    'Written by `npx tsx scripts/errors-doc.ts`.',
    '',
    '| code | HTTP status | exit code | whose |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename)
  await writeFile(new URL('../docs/errors.md', import.meta.url), errorsDocument());
