import type { Access, Operation } from '#api';
import { fail } from '#errors';
import { Secret } from '#events';
import type { Caller, Platform } from '#platform';

type Identity = Caller | 'router' | undefined;

/**
 * Authorizes a request and returns the caller, if any. Throws UNAUTHENTICATED (missing or unknown token) or FORBIDDEN.
 * Only reads headers, so it runs before the body is read.
 */
export async function checkAccess(
  platform: Platform,
  access: Access,
  authorization: string | undefined,
  params: Readonly<Record<string, string>>,
): Promise<Caller | undefined> {
  if (access === 'public') return undefined;
  const identity = await identify(platform, authorization);
  if (identity === undefined) throw fail('UNAUTHENTICATED', {});
  if (identity === 'router') {
    if (access !== 'router') throw fail('FORBIDDEN', { what: 'do anything except poll for routes' });
    return undefined;
  }
  if (access === 'router') throw fail('FORBIDDEN', { what: 'act as a router' });
  if (access === 'admin' && identity.role !== 'admin')
    throw fail('FORBIDDEN', { what: 'do this: an admin token is required' });
  if (identity.role === 'deploy') await checkDeployer(platform, identity, access, params);
  return identity;
}

/** Only admins begin operations on more than one app, so only they cancel them. Throws FORBIDDEN. */
export function checkCancel(caller: Caller, { subject }: Operation): void {
  if (caller.role !== 'admin' && subject.kind !== 'app')
    throw fail('FORBIDDEN', { what: 'cancel this: an admin token is required' });
}

/** A deploy token can only access its app and that app's deploys. */
async function checkDeployer(
  platform: Platform,
  { app }: Caller,
  access: Access,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const refusal = fail('FORBIDDEN', { what: `do anything except deploy ${app ?? 'its app'}` });
  if (access !== 'deploy' || (params['app'] !== undefined && params['app'] !== app)) throw refusal;
  if (params['operation'] === undefined) return;
  const { kind, subject } = await platform.operations.info(params['operation']);
  if (kind !== 'deploy' || subject.name !== app) throw refusal;
}

async function identify(platform: Platform, authorization: string | undefined): Promise<Identity> {
  const value = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1];
  if (value === undefined) return undefined;
  const token = new Secret(value);
  return platform.routers.authenticate(token) ? 'router' : platform.tokens.authenticate(token);
}
