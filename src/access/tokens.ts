import type { AccessPorts } from './ports.ts';
import { isTokenValue, mintToken, tokenIdOf } from './token-value.ts';
import type { Body, Token } from '#api';
import { fail } from '#errors';
import type { Secret } from '#events';
import type { TokenRecord } from '#store';
import type { Caller } from './caller.ts';

export interface Tokens {
  authenticate(value: Secret): Promise<Caller | undefined>;
  list(): Promise<Token[]>;
  create(input: Body<'tokensCreate'>): Promise<Token & { value: string }>;
  revoke(id: string): Promise<Token>;
}

export function tokens({ store, clock }: AccessPorts): Tokens {
  const appOf = async ({ app }: TokenRecord): Promise<string | null> =>
    app === undefined ? null : ((await store.apps.byId(app))?.name ?? null);
  const view = async (record: TokenRecord): Promise<Token> => tokenView(record, await appOf(record));
  return {
    async authenticate(value: Secret): Promise<Caller | undefined> {
      const id = tokenIdOf(value);
      const record = id && (await store.tokens.find(id));
      if (!record || !isTokenValue(record, value)) return undefined;
      const caller = { user: record.user, role: record.role, tokenId: record.id };
      if (record.role !== 'deploy') return caller;
      const app = await appOf(record);
      return app === null ? undefined : { ...caller, app };
    },
    async list() {
      return Promise.all((await store.tokens.list()).map(view));
    },
    async create({ user, role, deploy, description = '' }) {
      const owner =
        deploy === undefined
          ? { user, role: role ?? 'member', description }
          : { user, role: 'deploy' as const, app: (await store.apps.get(deploy)).id, description };
      const { record, value } = mintToken(owner, clock.now());
      await store.tokens.create(record);
      return { ...(await view(record)), value: value.reveal() };
    },
    async revoke(id) {
      const record = await store.tokens.find(id);
      if (!record) throw fail('TOKEN_NOT_FOUND', { id });
      await store.tokens.remove(id);
      return view(record);
    },
  };
}

/** Revokes the deploy tokens of an app that is destroyed: a later app may get the same id. */
export async function revokeTokensOf({ store }: Pick<AccessPorts, 'store'>, app: string): Promise<void> {
  for (const record of await store.tokens.list()) if (record.app === app) await store.tokens.remove(record.id);
}

function tokenView({ id, user, role, description, createdAt }: TokenRecord, app: string | null): Token {
  return { id, user, role, app, description, createdAt };
}
