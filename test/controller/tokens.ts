import { createHash } from 'node:crypto';
import type { TokenRecord } from '../../src/store/index.ts';
import { ROUTER_TOKEN, type World } from '../platform/world.ts';

type Holder = 'admin' | 'member' | 'revoked' | 'deployer' | 'stranger';

const owners: Readonly<Record<Holder, Pick<TokenRecord, 'role' | 'app'>>> = {
  admin: { role: 'admin' },
  member: { role: 'member' },
  revoked: { role: 'member' },
  deployer: { role: 'deploy', app: 'shop' },
  stranger: { role: 'deploy', app: 'blog' },
};
const holders = Object.keys(owners) as Holder[];

export const tokenIds = Object.fromEntries(
  holders.map((holder, index) => [holder, String(index + 1).repeat(12)]),
) as Record<Holder, string>;

/** Values of the tokens that `giveTokens` gives. The deployer's is for the app `shop`, the stranger's for `blog`. */
export const tokens = {
  ...(Object.fromEntries(
    holders.map((holder) => [holder, `ms_${tokenIds[holder]}_${holder.padEnd(43, '-')}`]),
  ) as Record<Holder, string>),
  router: ROUTER_TOKEN,
};

/** Each is of a user of the same name. All are good at first, those of deployers once there is their app. */
export async function giveTokens({ store, clock }: World): Promise<void> {
  for (const user of holders) {
    const hash = createHash('sha256').update(tokens[user]).digest('hex');
    const createdAt = new Date(clock.now()).toISOString();
    await store.tokens.create({ id: tokenIds[user], hash, user, description: '', createdAt, ...owners[user] });
  }
}
