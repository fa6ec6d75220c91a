import { build } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Builds the thread that reads sources, as the controller's image has it: threads do not load TypeScript. */
export async function buildWorker(folder: string): Promise<URL> {
  const outfile = join(folder, 'source-worker.mjs');
  await build({
    entryPoints: ['src/builds/source/source-worker.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
  });
  return pathToFileURL(outfile);
}
