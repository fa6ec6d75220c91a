import { fail } from '#errors';
import { parseBuildpack } from './buildpack-reference.ts';

/** Swarm stores the app's record in labels, so it must stay small. */
export const MOST_BUILDPACKS = 20;

/** `index` starts at 1, as in Heroku's CLI. */
export type BuildpackChange =
  | { readonly action: 'set' | 'add'; readonly buildpack: string; readonly index?: number | undefined }
  | { readonly action: 'remove'; readonly buildpack?: string | undefined; readonly index?: number | undefined }
  | { readonly action: 'clear' };

/**
 * Applies a change to an app's buildpacks like Heroku's CLI: `set` replaces the one at the index (by default the
 * first), `add` inserts before it (by default last); an index past the end means the end. `known`: names of the stack's
 * buildpacks, if they are known. Throws BUILDPACK_INVALID, BUILDPACK_UNKNOWN, BUILDPACK_SET_ALREADY, BUILDPACK_NOT_SET
 * or BUILDPACKS_TOO_MANY.
 */
export function changeBuildpacks(
  app: string,
  list: readonly string[],
  change: BuildpackChange,
  known?: readonly string[],
): readonly string[] {
  if (change.action === 'clear') return [];
  if (change.action === 'remove') return removed(app, list, change);
  const { action, buildpack, index } = change;
  const parsed = parseBuildpack(buildpack);
  if (parsed.kind === 'stack' && !parsed.url && known && !known.includes(parsed.bundled))
    throw fail('BUILDPACK_UNKNOWN', { name: buildpack, known });
  if (list.includes(buildpack)) throw fail('BUILDPACK_SET_ALREADY', { app, name: buildpack });
  const missing = action === 'set' ? 1 : list.length + 1;
  const changed = [...list];
  changed.splice((index ?? missing) - 1, action === 'set' ? 1 : 0, buildpack);
  if (changed.length > MOST_BUILDPACKS) throw fail('BUILDPACKS_TOO_MANY', { limit: MOST_BUILDPACKS });
  return changed;
}

function removed(
  app: string,
  list: readonly string[],
  { buildpack, index }: { buildpack?: string | undefined; index?: number | undefined },
): readonly string[] {
  const at = index === undefined ? list.indexOf(buildpack ?? '') : index - 1;
  if (at < 0 || at >= list.length)
    throw fail('BUILDPACK_NOT_SET', {
      app,
      name: index === undefined ? `"${buildpack}"` : `number ${index}`,
      known: list,
    });
  return list.filter((_, i) => i !== at);
}
