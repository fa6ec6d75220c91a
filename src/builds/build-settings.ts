import type { BuildPorts } from './ports.ts';
import type { Body, BuildSettings } from '#api';
import { changeSettings, limitsFrom } from './settings.ts';
import type { BuildSettingsRecord } from '#store';
import type { Caller } from '#access/caller.ts';

export interface SettingsOfBuilds {
  info(): Promise<BuildSettings>;
  update(changes: Body<'buildSettingsUpdate'>, caller: Caller): Promise<BuildSettings>;
}

/** Settings for the builds of all apps; they apply to the next build. */
export function buildSettings({ store, logger }: BuildPorts): SettingsOfBuilds {
  return {
    async info() {
      return view(await store.settings.builds());
    },
    async update(changes, { user }) {
      const changed = await store.settings.updateBuilds((record) => changeSettings(record, changes));
      logger.info(
        {
          by: user,
          names: [
            ...[changes.env, changes.registries, changes.registryLogins].flatMap((named) => Object.keys(named ?? {})),
            ...Object.keys(changes).filter((name) => !['env', 'registries', 'registryLogins'].includes(name)),
          ],
        },
        'build settings changed',
      );
      return view(changed);
    },
  };
}

function view(record: BuildSettingsRecord): BuildSettings {
  const { memoryBytes, cpus, diskBytes, seconds } = limitsFrom(record);
  return {
    env: { ...record.env },
    registries: Object.keys(record.registries ?? {}),
    registryLogins: Object.fromEntries(
      Object.entries(record.registryLogins ?? {}).map(([host, { user }]) => [host, user]),
    ),
    slots: record.slots ?? null,
    cacheBytes: record.cacheBytes ?? null,
    memoryBytes,
    cpus,
    diskBytes,
    seconds,
  };
}
