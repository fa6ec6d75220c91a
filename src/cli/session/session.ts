import { fail } from '#errors';
import { Secret } from '#events';
import { contextsFile, findContext, readContexts, type Context } from './contexts.ts';
import type { Io } from '../program/io.ts';
import { findProject, type Project } from './project.ts';

/** What a command works with: a cluster with a token, and the folder's app. */
export interface Session {
  /** Name of the context; undefined if the environment names the cluster. */
  readonly context?: string;
  readonly url: string;
  readonly token: Secret;
  /** Connect to this address instead of looking up the name. */
  readonly address?: string;
  readonly project?: Project;
}

/**
 * Finds the cluster: `--context`, MOTHERSHIP_URL with MOTHERSHIP_TOKEN, MOTHERSHIP_CONTEXT, the folder's file, or the
 * current context, in this order. MOTHERSHIP_TOKEN alone replaces the context's token. With MOTHERSHIP_URL,
 * MOTHERSHIP_ADDRESS sets the address. Throws CONTEXT_NEEDED, CONTEXT_UNKNOWN or CONTEXT_UNFINISHED.
 */
export async function findSession(io: Io, contextFlag: string | undefined): Promise<Session> {
  const project = await findProject(io.cwd);
  const session =
    (contextFlag === undefined ? sessionOfUrl(io.env) : undefined) ??
    (await sessionOfContext(io, namedContext(io, contextFlag) ?? project?.context));
  return { ...session, ...(project ? { project } : {}) };
}

/** The context named by `--context` or MOTHERSHIP_CONTEXT, which may not exist. */
export function namedContext({ env }: Pick<Io, 'env'>, contextFlag: string | undefined): string | undefined {
  return contextFlag ?? (env['MOTHERSHIP_CONTEXT'] || undefined);
}

export interface NamedContext extends Context {
  readonly name: string;
}

/**
 * Finds the context of a command that works without a controller, in the same order as `findSession`; undefined if
 * none is named and none is current. Throws CONTEXT_UNKNOWN, or CONTEXT_NOT_NAMED if the environment names a cluster
 * only by its URL.
 */
export async function findMachineContext(io: Io, contextFlag: string | undefined): Promise<NamedContext | undefined> {
  if (contextFlag === undefined && io.env['MOTHERSHIP_URL']) throw fail('CONTEXT_NOT_NAMED', {});
  const named = namedContext(io, contextFlag) ?? (await findProject(io.cwd))?.context;
  const known = await readContexts(contextsFile(io));
  const name = named ?? known.current;
  return name === null ? undefined : { ...findContext(known, name), name };
}

/** Returns undefined without MOTHERSHIP_URL. */
function sessionOfUrl({
  MOTHERSHIP_URL: url,
  MOTHERSHIP_TOKEN: token,
  MOTHERSHIP_ADDRESS: address,
}: Io['env']): Session | undefined {
  if (!url) return undefined;
  if (!token) throw fail('ANSWER_NEEDED', { question: `the token for ${url}`, flag: 'MOTHERSHIP_TOKEN' });
  return { url: parseClusterUrl(url), token: new Secret(token), ...(address ? { address } : {}) };
}

/** The current context if there is no name. */
async function sessionOfContext(io: Io, name: string | undefined): Promise<Session> {
  const known = await readContexts(contextsFile(io));
  const context = name ?? known.current;
  if (context === null) throw fail('CONTEXT_NEEDED', {});
  const { url, token, address } = findContext(known, context);
  if (url === '') throw fail('CONTEXT_UNFINISHED', { context });
  return {
    context,
    url: parseClusterUrl(url),
    token: new Secret(io.env['MOTHERSHIP_TOKEN'] || token),
    ...(address ? { address } : {}),
  };
}

/**
 * Normalizes a cluster's URL to `https://mothership.example.com`; a name without a scheme gets https, or http under
 * localhost. Throws URL_INVALID.
 */
export function parseClusterUrl(given: string): string {
  const local = /^[^/:]*\blocalhost(?=[:/]|$)|^(127\.|\[::1\])/i.test(given);
  const text = /^[a-z]+:\/\//i.test(given) ? given : `${local ? 'http' : 'https'}://${given}`;
  try {
    const { protocol, origin, pathname, username } = new URL(text);
    if (/^https?:$/.test(protocol) && !username) return origin + pathname.replace(/\/+$/, '');
  } catch {
    // Handled like a URL of another kind.
  }
  throw fail('URL_INVALID', { given });
}
