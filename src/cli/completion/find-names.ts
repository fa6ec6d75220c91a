import type { ApiClient } from '../api/client.ts';
import type { NameKind } from './complete.ts';

/** Queries a controller for names: nodes and apps of the cluster, types and processes of one app. */
export async function findNames(
  kind: Exclude<NameKind, 'context'>,
  { api, app, signal }: { api: ApiClient; app: () => Promise<string>; signal: AbortSignal },
): Promise<readonly string[]> {
  if (kind === 'app') return (await api.call('appsList', { signal })).map(({ name }) => name);
  if (kind === 'node') return (await api.call('nodesList', { signal })).map(({ hostname }) => hostname);
  const params = { app: await app() };
  if (kind === 'type') return (await api.call('formationGet', { params, signal })).map(({ type }) => type);
  const running = await api.call('psList', { params, signal });
  return running.flatMap(({ name, type }) => [type, name]);
}
