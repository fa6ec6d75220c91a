import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { reveal, type Secret } from '#events';
import { controllerHost } from '../names.ts';
import type { Settings } from './options.ts';

const TIMEOUT_MS = 3_000;

export interface Answered {
  readonly ok: boolean;
  /** The reason, if it is not ok. */
  readonly why: string;
  /** Nodes that do not keep web processes apart; undefined if the controller has not said. */
  readonly unisolated?: readonly Unisolated[] | undefined;
}

export interface Unisolated {
  readonly node: string;
  readonly why: string;
}

export type ClusterAddress = Pick<Settings, 'address' | 'httpPort' | 'domain'>;
type Said = {
  readonly routers?: readonly { current: boolean }[];
  readonly isolation?: readonly (Unisolated & { readonly enforced: boolean })[] | null;
};
/** What agents of earlier versions do not say is missing. */
type SaidOfNode = { readonly missingSysctls?: readonly string[] };
type Reply = { readonly status: number; readonly body: unknown };

/**
 * Queries the controller the way users' requests reach it: at the router's port, by host name. With a token, also
 * checks that each router serves the newest route table.
 */
export async function askCluster(place: ClusterAddress, token: Secret | undefined): Promise<Answered> {
  try {
    const { status, body } = await get(place, token ? '/cluster' : '/health', token);
    if (status !== 200) return { ok: false, why: `the router responds with ${status}` };
    const { routers, isolation } = body as Said;
    if (!routers) return { ok: true, why: '' };
    const unisolated = isolation?.filter(({ enforced }) => !enforced);
    const ok = routers.length > 0 && routers.every((router) => router.current);
    return { ok, why: ok ? '' : 'the controller responds, but no router has its routes yet', unisolated };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}

/** A node's report about itself; undefined if there is none, for example because the node does not respond. */
export async function askNode(place: ClusterAddress, token: Secret, id: string): Promise<SaidOfNode | undefined> {
  try {
    const { body } = await get(place, `/nodes/${id}`, token);
    return (body as { readonly report?: SaidOfNode | null } | undefined)?.report ?? undefined;
  } catch {
    return undefined;
  }
}

function get({ address, httpPort, domain }: ClusterAddress, path: string, token: Secret | undefined): Promise<Reply> {
  const headers = { host: controllerHost(domain), ...(token ? { authorization: `Bearer ${reveal(token)}` } : {}) };
  return new Promise((resolve, reject) => {
    const call = request(
      { host: address, port: httpPort, path, headers, timeout: TIMEOUT_MS, agent: false },
      (response) => {
        const status = response.statusCode ?? 0;
        if (status === 200) return void json(response).then((body) => resolve({ status, body }), reject);
        response.resume();
        resolve({ status, body: undefined });
      },
    );
    call.once('timeout', () => call.destroy(new Error(`no response within ${TIMEOUT_MS / 1000} s`)));
    call.once('error', reject);
    call.end();
  });
}
