import { failure, usage } from '../entry.ts';

export const source = {
  SOURCE_PATH_INVALID: usage<{ path: string; what: 'the root of an app' | 'a watch path'; why: string }>(
    (p) => `"${p.path}" is not valid as ${p.what}: ${p.why}.`,
    'Use a path relative to the top of the repository, such as `services/api`, `libs/shared` ' +
      'or `packages/*/package.json`.',
  ),
  SOURCE_ROOT_MISSING: usage<{ root: string }>(
    (p) => `The source has no folder ${p.root}, which is the app's root.`,
    'Deploy from inside the repository, set another root with `mothership apps:root`, or ' +
      'deploy a single folder with `mothership deploy --path FOLDER`.',
  ),
  SOURCE_FILE_TOO_LARGE: failure<{ file: string; limit: string }>(
    422,
    'app',
    (p) => `The app's ${p.file} is larger than ${p.limit}.`,
    'A file that says how to build or start the app must be smaller.',
  ),
  IGNORE_FILE_INVALID: failure<{ file: string; why: string }>(
    422,
    'app',
    (p) => `The app's ${p.file} cannot be used: ${p.why}.`,
    'Use fewer or shorter patterns; a pattern for a folder covers everything in it.',
  ),
};
