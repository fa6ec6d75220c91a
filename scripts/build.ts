import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, transform, type BuildOptions, type Plugin } from 'esbuild';
import { summarize } from '../src/cli/program/command-table.ts';
import { commandTable } from '../src/commands/index.ts';
import { slimOclif } from './slim-oclif.ts';

/**
 * Makes `dist/`: `cli/` is the program in pieces, so that a command loads its own code only; `controller/server.js` is
 * the controller in one file with all it needs, `controller/source-worker.js` its thread for what users send, and
 * `controller/agent.js` the nodes' agent, for the image that all share.
 */

/** Where a build grows, so that one that runs in the meantime never sees half of it. */
const DRAFT = `node_modules/.cache/mothership-build-${process.pid}`;
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  logLevel: 'warning',
  legalComments: 'none',
};

/** Native or optional parts of dependencies that do without them, and what they never use here. */
const absent: Plugin = {
  name: 'absent',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(typescript|cpu-features|bufferutil|utf-8-validate)$|\/sshcrypto\.node$/ }, ({ path }) => ({
      path,
      namespace: 'absent',
    }));
    // The engine is never reached over SSH by docker-modem itself, and ssh2 is most of its weight.
    onResolve({ filter: /^\.\/ssh$/ }, ({ path, importer }) =>
      importer.includes('docker-modem') ? { path, namespace: 'empty' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: `throw Object.assign(new Error('${path} is not bundled'), { code: 'MODULE_NOT_FOUND' })`,
    }));
  },
};

async function buildCli(): Promise<void> {
  const outdir = join(DRAFT, 'cli');
  await build({
    ...shared,
    outdir,
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    plugins: [absent, slimOclif],
    entryPoints: { mothership: 'src/cli/program/entry.ts' },
    define: {
      BUILT_SUMMARIES: JSON.stringify(await summarize(commandTable)),
      BUILT_VERSION: JSON.stringify(version),
      'import.meta.url': '__moduleUrl',
    },
  });
  for (const file of await readdir(outdir, { recursive: true }))
    if (file.endsWith('.js')) await toCommonJs(join(outdir, file));
  await writeFile(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  await writeFile(join(DRAFT, 'version'), version);
}

/** Node 20 starts CommonJS faster: an import of `node:fs` alone loads half of what Node can do. esbuild splits ES modules only. */
async function toCommonJs(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const banner = text.includes('__moduleUrl')
    ? 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;'
    : '';
  const { code } = await transform(text, {
    format: 'cjs',
    target: 'node20.19',
    platform: 'node',
    minify: true,
    supported: { 'dynamic-import': false },
    banner,
  });
  await writeFile(file, code);
}

async function buildController(): Promise<void> {
  await build({
    ...shared,
    entryPoints: {
      server: 'src/controller/server.ts',
      agent: 'src/agent/server.ts',
      'source-worker': 'src/builds/source/source-worker.ts',
    },
    outdir: `${DRAFT}/controller`,
    plugins: [absent],
    define: { BUILT_VERSION: JSON.stringify(version) },
    // Dependencies in CommonJS call require; an ES module has none of its own.
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
  });
}

await mkdir(DRAFT, { recursive: true });
await buildCli();
await buildController();
await rm('dist', { recursive: true, force: true });
await rename(DRAFT, 'dist');
