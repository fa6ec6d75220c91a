import { isTokenValue, mintToken, tokenIdOf } from '../cluster/token.ts';
import type { Token } from '../api/index.ts';
import { fail } from '../errors/index.ts';
import type { Secret } from '../events/index.ts';
import type { TokenRecord } from '../store/index.ts';
import type { Parts } from './parts.ts';
import type { Caller, Platform } from './platform.ts';

export function tokens({ store, clock }: Parts): Platform['tokens'] {
  return {
    async authenticate(value: Secret): Promise<Caller | undefined> {
      const id = tokenIdOf(value);
      const record = id && (await store.tokens.find(id));
      if (!record || !isTokenValue(record, value)) return undefined;
      return { user: record.user, role: record.role, tokenId: record.id };
    },
    async list() {
      return (await store.tokens.list()).map(tokenView);
    },
    async create({ user, role, description }) {
      const { record, value } = mintToken({ user, role: role ?? 'member', description: description ?? '' }, clock.now());
      await store.tokens.create(record);
      return { ...tokenView(record), value: value.reveal() };
    },
    async revoke(id) {
      const record = await store.tokens.find(id);
      if (!record) throw fail('TOKEN_NOT_FOUND', { id });
      await store.tokens.remove(id);
      return tokenView(record);
    },
  };
}

function tokenView({ id, user, role, description, createdAt }: TokenRecord): Token {
  return { id, user, role, description, createdAt };
}
