import type { BuildPorts } from '../ports.ts';
import type { Body, Buildpack } from '#api';
import { changeBuildpacks } from './buildpack-list.ts';
import { parseBuildpack } from './buildpack-reference.ts';
import type { AppRecord } from '#store';
import { own } from '#values/own.ts';
import type { Caller } from '#access/caller.ts';

export interface Buildpacks {
  list(app: string): Promise<Buildpack[]>;
  update(app: string, change: Body<'buildpacksUpdate'>, caller: Caller): Promise<Buildpack[]>;
}

/** Buildpacks set on an app, for its next build. */
export function buildpacks({ store, cluster }: BuildPorts): Buildpacks {
  const view = async (app: AppRecord): Promise<Buildpack[]> => {
    const builds = app.buildpacks.length > 0 ? await store.builds.list(app.id) : [];
    const used =
      builds.find(({ status }) => status.status === 'succeeded' && status.kind === 'buildpacks')?.status.buildpacks ??
      [];
    return app.buildpacks.map((name, index) => buildpackView(name, index + 1, used));
  };

  return {
    list: async (app) => view(await store.apps.get(app)),
    update: async (app, change) => {
      const { id } = await store.apps.get(app);
      return view(
        await store.apps.update(id, (record) => ({
          ...record,
          buildpacks: changeBuildpacks(app, record.buildpacks, change, own(cluster.stacks, record.stack)?.buildpacks),
        })),
      );
    },
  };
}

/** `used`: names with versions, as recorded by a build. */
function buildpackView(name: string, position: number, used: readonly string[]): Buildpack {
  const buildpack = parseBuildpack(name);
  const names = buildpack.kind === 'stack' ? [name, buildpack.bundled] : [name];
  const pinned = used.find((line) => names.includes(line.slice(0, line.lastIndexOf(' '))));
  return {
    position,
    name,
    kind: buildpack.kind,
    url: buildpack.url ?? null,
    ref: buildpack.kind === 'git' ? (buildpack.ref ?? null) : null,
    version: pinned?.slice(pinned.lastIndexOf(' ') + 1) ?? null,
  };
}
