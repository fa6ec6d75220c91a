import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Parts of oclif that Command and parser load but that never do anything here, with what stands in for them: finding
 * plugins (ours are known), printing, colouring and help (done by src/cli), files as flags. They would be most of the
 * time the program takes to start. These paths are oclif's internals, so package.json pins its version exactly: after an
 * upgrade, check that each path still exists and that the budget for the program's start holds.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'config/index': '{}',
  'errors/handle': '{}',
  'errors/errors/pretty-print': '{ applyPrettyPrintOptions: (error) => error, default() {} }',
  'help/index': '{}',
  'help/util': '{}',
  logger: '{ makeDebug: () => () => {}, getLogger: () => ({ debug() {} }), setLogger() {} }',
  performance: '{}',
  screen: '{ stdtermwidth: 80, errtermwidth: 80 }',
  'util/fs': '{}',
  'ux/index': '{ ux: { colorize: (_style, text) => text } }',
  'ux/theme': '{ colorize: (_style, text) => text }',
};

/** The same for what only some importers do without. */
const FOR_IMPORTERS: readonly { readonly importer: string; readonly imports: RegExp; readonly contents: string }[] = [
  // Arguments are never read from stdin.
  { importer: 'parser/parse', imports: /^node:readline$/, contents: '{}' },
  { importer: 'errors/errors/cli', imports: /^(clean-stack|indent-string|wrap-ansi)$/, contents: '(text) => text' },
];

const LIBRARY = /node_modules\/@oclif\/core\/lib\/(.+)\.js$/;
const nameOf = (path: string): string => LIBRARY.exec(path)?.[1] ?? '';

export const slimOclif: Plugin = {
  name: 'slim-oclif',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: LIBRARY }, ({ path }) => standIn(STAND_INS[nameOf(path)]));
    onResolve({ filter: /^(clean-stack|indent-string|wrap-ansi|node:readline)$/ }, ({ path, importer }) => {
      const found = FOR_IMPORTERS.find((each) => each.importer === nameOf(importer) && each.imports.test(path));
      return found && { path: join(dirname(importer), path), namespace: 'stand-in', pluginData: found.contents };
    });
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ pluginData }) => standIn(pluginData as string));
  },
};

function standIn(contents: string | undefined): { contents: string; loader: 'js' } | undefined {
  return contents === undefined ? undefined : { contents: `module.exports = ${contents};`, loader: 'js' };
}
