import type { ObservedRun } from './observe-runs.ts';

/** How long an ended container is kept for its log. */
const CONTAINER_KEPT_MS = 3_600_000;
/** How long an ended service is kept for its log and its exit code, and how many of an app. */
const SERVICE_KEPT_MS = 24 * 3_600_000;
const SERVICES_KEPT = 50;

/** Returns the one-offs to remove. Pure. */
export function planRunSweep(runs: readonly ObservedRun[], now: number): ObservedRun[] {
  const kept = new Map<string, number>();
  const isOld = ({ app, state, service, since }: ObservedRun): boolean => {
    const age = now - Date.parse(since);
    // A container that was never started ended when it was created: its controller died.
    if (!service) return state !== 'up' && age > CONTAINER_KEPT_MS;
    if (state !== 'ended') return false;
    kept.set(app, (kept.get(app) ?? 0) + 1);
    return age > SERVICE_KEPT_MS || kept.get(app)! > SERVICES_KEPT;
  };
  return runs.toSorted((a, b) => (a.since < b.since ? 1 : -1)).filter(isOld);
}
