import type { ProcessPorts } from './ports.ts';
import { changeFormation, formationFor, resizedTypes, type Formation } from '#apps';
import { fail } from '#errors';
import { observeGeneration } from '#rollout';
import type { AppRecord, ReleaseRecord } from '#store';
import { beginChange } from '#apps/app-change.ts';
import type { OperationRun } from '#operations/operations.ts';
import { releaseTimes } from '#releases';
import { warnOfShortfall } from '#releases/placement.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { Scaling } from './scaling.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { ProcessFormation, Operation } from '#api';
import { formationView } from '#apps/app-view.ts';

export interface Formations {
  get(app: string): Promise<ProcessFormation[]>;
  update(app: string, input: Body<'formationUpdate'>, caller: Caller): Promise<Operation>;
}

export function formation(parts: ProcessPorts, flow: ReleaseFlow): Formations {
  return {
    async get(app) {
      const record = await parts.store.apps.get(app);
      const live = await flow.liveRelease(record);
      return live ? formationView(record, live) : [];
    },

    update(app, { updates }, caller) {
      const decide = async (record: AppRecord): Promise<{ before: Formation; after: Formation }> => {
        const before = formationFor(Object.keys((await runnable(flow, record)).processTypes), record.formation);
        return { before, after: changeFormation(before, updates) };
      };
      return beginChange(
        parts,
        { kind: 'scale', app, caller, check: async (record) => void (await decide(record)) },
        async (record, work) => {
          const { before, after } = await decide(record);
          if (resizedTypes(before, after).length > 0) await flow.restart(record, after, work);
          else await scale(parts, record, after, work);
          return { app, formation: after };
        },
      );
    },
  };
}

export async function runnable(flow: ReleaseFlow, app: AppRecord): Promise<ReleaseRecord> {
  const live = await flow.liveRelease(app);
  if (!live?.image) throw fail('APP_HAS_NO_RELEASE', { app: app.name });
  return live;
}

/** Scales the services of the live generation in place. */
export async function scale(parts: ProcessPorts, app: AppRecord, after: Formation, work: OperationRun): Promise<void> {
  const { engine, store } = parts;
  const live = await store.releases.find(app.id, app.live!.release);
  await store.apps.update(app.id, (record) => ({ ...record, formation: { ...record.formation, ...after } }));
  const services = await observeGeneration(engine, app.id, app.live!);
  await new Scaling(parts, app.id, services, after, work).run(releaseTimes(live?.record ?? { config: {} }).bootMs);
  await warnOfShortfall(parts, app, app.live!, work.emit).catch(() => undefined);
}
