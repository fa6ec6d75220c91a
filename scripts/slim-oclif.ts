import type { Plugin } from 'esbuild';

/**
 * Parts of oclif that Command, parser and help load but that never run here, with what stands in for them: finding
 * plugins (ours are known), printing errors (ours are), spinners. They would be half of the time the program takes to
 * start.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  '@oclif/core/lib/config/index.js': 'module.exports = {}',
  '@oclif/core/lib/errors/handle.js': 'module.exports = {}',
  '@oclif/core/lib/performance.js': 'module.exports = {}',
  '@oclif/core/lib/logger.js': 'const makeDebug = () => () => {}; module.exports = { makeDebug, getLogger: () => ({ debug() {} }), setLogger() {} }',
};

export const slimOclif: Plugin = {
  name: 'slim-oclif',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@oclif\/core\/lib\// }, ({ path }) => {
      const contents = STAND_INS[path.slice(path.indexOf('@oclif/core/'))];
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
  },
};
