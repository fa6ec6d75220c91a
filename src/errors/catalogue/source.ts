import { usage } from '../entry.ts';

export const source = {
  SOURCE_PATH_INVALID: usage<{ path: string; what: 'the root of an app' | 'a watch path'; why: string }>(
    (p) => `"${p.path}" cannot be ${p.what}: ${p.why}.`,
    () => "Give it as it is from the repository's top: `services/api`, `libs/shared`, `packages/*/package.json`.",
  ),
  SOURCE_ROOT_MISSING: usage<{ root: string }>(
    (p) => `The source has no folder ${p.root}, which is the app's root.`,
    () =>
      "Deploy from the repository's top or a folder in it, name another root with `mothership apps:root`, or send one folder alone with `mothership deploy --path FOLDER`.",
  ),
};
