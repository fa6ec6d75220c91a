import { own } from '#values/own.ts';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fail } from '#errors';
import type { MachineSource } from '#provision';
import { whyUnreadable } from '#values/why-unreadable.ts';
import type { Io } from '../program/io.ts';

/**
 * A cluster this machine can use. `token` is secret: only the file's owner can read it. While setup has not finished,
 * `url`, `token` and `domain` are empty, and `machines` says what exists already.
 */
export interface Context {
  readonly url: string;
  readonly token: string;
  readonly domain: string;
  /**
   * Connect to this address whatever DNS says, for a domain that does not resolve to the cluster; may be
   * comma-separated.
   */
  readonly address?: string;
  /** Where its machines come from, on the computer that set it up. */
  readonly machines?: MachineSource;
}

interface Contexts {
  readonly current: string | null;
  readonly contexts: Readonly<Record<string, Context>>;
}

/** Returns `$XDG_CONFIG_HOME/mothership/contexts.json`, by default under `~/.config`. XDG ignores relative paths. */
export function contextsFile(io: Pick<Io, 'env' | 'home'>): string {
  const { XDG_CONFIG_HOME: folder = '' } = io.env;
  return join(isAbsolute(folder) ? folder : join(io.home, '.config'), 'mothership', 'contexts.json');
}

/**
 * Reads the contexts file; empty if it does not exist. Synchronous, because loading fs promises takes Node longer than
 * reading. Throws CONTEXTS_BROKEN.
 */
export async function readContexts(file: string): Promise<Contexts> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, contexts: {} };
    throw fail('CONTEXTS_BROKEN', { file, why: whyUnreadable(error) }, error);
  }
  return parseContexts(text, file);
}

function parseContexts(text: string, file: string): Contexts {
  try {
    const { current, contexts } = JSON.parse(text) as Partial<Contexts>;
    const whole = Object.values(contexts ?? {}).every(({ url, token, address = '' }) =>
      [url, token, address].every((field: unknown) => typeof field === 'string'),
    );
    if (whole && typeof (current ?? '') === 'string') return { current: current ?? null, contexts: { ...contexts } };
  } catch {
    // Falls through to the same error as an unexpected format.
  }
  throw fail('CONTEXTS_BROKEN', { file, why: 'it has an unexpected format' });
}

/** Replaces the file atomically. */
async function writeContexts(file: string, contexts: Contexts): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    writeFileSync(draft, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(draft, 0o600);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw fail('CONTEXTS_BROKEN', { file, why: whyUnreadable(error) }, error);
  }
}

/** Adds or replaces a context and makes it the current one. */
export async function saveContext(file: string, name: string, context: Context): Promise<void> {
  const { contexts } = await readContexts(file);
  await writeContexts(file, { current: name, contexts: { ...contexts, [name]: context } });
}

/** Records a cluster's machines before setup changes them. A new context becomes current only if there is no other. */
export async function saveMachines(file: string, name: string, machines: MachineSource): Promise<void> {
  const { current, contexts } = await readContexts(file);
  const before = own(contexts, name);
  const context = { url: '', token: '', domain: '', ...before, machines };
  await writeContexts(file, { current: current ?? name, contexts: { ...contexts, [name]: context } });
}

/**
 * Saves a login; the cluster's machines stay known. Throws CONTEXT_TAKEN instead of forgetting another cluster's.
 */
export async function saveLogin(file: string, name: string, login: Omit<Context, 'machines'>): Promise<void> {
  const { contexts } = await readContexts(file);
  const before = own(contexts, name);
  if (before?.machines && before.url !== '' && before.url !== login.url)
    throw fail('CONTEXT_TAKEN', { context: name, url: before.url });
  await saveContext(file, name, before?.machines ? { ...before, ...login } : login);
}

/** Forgets the token, and the context with it unless it knows machines. Throws CONTEXT_UNKNOWN. */
export async function forgetLogin(file: string, name: string): Promise<void> {
  const known = await readContexts(file);
  const context = findContext(known, name);
  if (!context.machines) return removeContext(file, name);
  await writeContexts(file, { ...known, contexts: { ...known.contexts, [name]: { ...context, token: '' } } });
}

/** Removes a context; the only remaining one becomes current. Throws CONTEXT_UNKNOWN. */
export async function removeContext(file: string, name: string): Promise<void> {
  const before = await readContexts(file);
  findContext(before, name);
  const contexts = Object.fromEntries(Object.entries(before.contexts).filter(([other]) => other !== name));
  const [only, ...more] = Object.keys(contexts);
  const fallback = only !== undefined && more.length === 0 ? only : null;
  await writeContexts(file, { current: before.current === name ? fallback : before.current, contexts });
}

export async function useContext(file: string, name: string): Promise<void> {
  const before = await readContexts(file);
  findContext(before, name);
  await writeContexts(file, { ...before, current: name });
}

/** Whether a context is this cluster's. A domain that is no longer recorded, or not yet in the context, may be any. */
export function isContextOf(
  context: Context & { readonly name: string },
  { name, domain = context.domain }: { readonly name: string; readonly domain: string | undefined },
): boolean {
  return context.name === name && ['', domain].includes(context.domain);
}

export function findContext(known: Contexts, name: string): Context {
  const context = own(known.contexts, name);
  if (!context) throw fail('CONTEXT_UNKNOWN', { context: name, known: Object.keys(known.contexts) });
  return context;
}
