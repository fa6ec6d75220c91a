import type { AppPorts } from './ports.ts';
import { changeConfig, describeChanges } from './config-vars.ts';
import type { AppRecord } from '#store';
import { beginChange } from './app-change.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { Operation } from '#api';

export interface Config {
  get(app: string): Promise<Record<string, string>>;
  update(app: string, changes: Body<'configUpdate'>, caller: Caller): Promise<Operation>;
}

export function config(parts: AppPorts, flow: ReleaseFlow): Config {
  const current = async (app: AppRecord) => (await flow.liveRelease(app))?.config ?? {};
  return {
    async get(app) {
      return { ...(await current(await parts.store.apps.get(app))) };
    },

    update(app, changes, caller) {
      const check = async (record: AppRecord) => void changeConfig(app, await current(record), changes);
      return beginChange(parts, { kind: 'config', app, caller, check }, async (record, work) => {
        const live = await flow.liveRelease(record);
        const release = await flow.release(
          record,
          {
            image: null,
            build: null,
            ref: null,
            kind: 'buildpacks',
            processTypes: {},
            ...live,
            config: changeConfig(app, live?.config ?? {}, changes),
            description: describeChanges(changes),
            by: caller.user,
          },
          work,
        );
        return { app, release: release.version };
      });
    },
  };
}
