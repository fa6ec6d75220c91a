import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '#events';
import type { TokenRecord } from '#store';

const FORM = /^ms_([0-9a-f]{12})_([\w-]{43})$/;

/** Creates a bearer token of 256 random bits. Only its hash is stored; the value is shown once. */
export function mintToken(
  owner: Pick<TokenRecord, 'user' | 'role' | 'app' | 'description'>,
  now: number,
): { record: TokenRecord; value: Secret } {
  const id = randomBytes(6).toString('hex');
  const value = `ms_${id}_${randomBytes(32).toString('base64url')}`;
  const record = { id, hash: hashOf(value), ...owner, createdAt: new Date(now).toISOString() };
  return { record, value: new Secret(value) };
}

/** Returns the id contained in a token's value, or undefined if the value is malformed. */
export function tokenIdOf(value: Secret): string | undefined {
  return FORM.exec(value.reveal())?.[1];
}

/** Compares in constant time. */
export function isTokenValue(record: TokenRecord, value: Secret): boolean {
  return timingSafeEqual(Buffer.from(record.hash, 'hex'), Buffer.from(hashOf(value.reveal()), 'hex'));
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
