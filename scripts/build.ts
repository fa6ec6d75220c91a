import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { summarize } from '../src/cli/command-table.ts';
import { commandTable } from '../src/commands/index.ts';

/**
 * Makes `dist/`: `cli/` is the program in pieces, so that a command loads its own code only; `controller/server.js` is
 * the controller in one file with all it needs, for its image.
 */
/** Where a build grows, so that one that runs in the meantime never sees half of it. */
const DRAFT = `node_modules/.cache/mothership-build-${process.pid}`;
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const shared: BuildOptions = {
  bundle: true, platform: 'node', format: 'esm', target: 'node20.19', minify: true, keepNames: true, logLevel: 'warning', legalComments: 'none',
  // Dependencies in CommonJS call require; an ES module has none of its own.
  banner: { js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);' },
};

/** Modules that are never reached here, with what stands in for them. oclif's Config finds plugins; ours are known. */
const unused: Plugin = {
  name: 'unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(typescript|cpu-features|bufferutil|utf-8-validate)$|\/sshcrypto\.node$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    // The engine is never reached over SSH by docker-modem itself, and ssh2 is most of its weight.
    onResolve({ filter: /^\.\/ssh$/ }, ({ path, importer }) => (importer.includes('docker-modem') ? { path, namespace: 'empty' } : undefined));
    onResolve({ filter: /^\.{1,2}\/config$/ }, ({ path, importer }) => (importer.includes('@oclif/core') ? { path, namespace: 'empty' } : undefined));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({ contents: `throw Object.assign(new Error('${path} is not bundled'), { code: 'MODULE_NOT_FOUND' })` }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
  },
};

async function buildCli(): Promise<void> {
  const summaries = await summarize(commandTable);
  await build({
    ...shared,
    entryPoints: { mothership: 'src/cli/entry.ts' },
    outdir: `${DRAFT}/cli`, splitting: true, chunkNames: 'parts/[name]-[hash]', plugins: [unused],
    define: { BUILT_SUMMARIES: JSON.stringify(summaries), BUILT_VERSION: JSON.stringify(version) },
  });
  await writeFile(`${DRAFT}/version`, version);
}

async function buildController(): Promise<void> {
  await build({ ...shared, entryPoints: { server: 'src/controller/server.ts' }, outdir: `${DRAFT}/controller`, plugins: [unused], define: { BUILT_VERSION: JSON.stringify(version) } });
}

await mkdir(DRAFT, { recursive: true });
await buildCli();
await buildController();
await rm('dist', { recursive: true, force: true });
await rename(DRAFT, 'dist');
