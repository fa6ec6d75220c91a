import { isIP } from 'node:net';
import { fail } from '#errors';

const CHECK_IP = 'https://checkip.amazonaws.com';
const TIMEOUT_MS = 5_000;

/** The CIDR of this computer's public address: the default of --admin-cidr. */
export async function ownCidr(fetch: typeof globalThis.fetch, url: string = CHECK_IP): Promise<string> {
  const text = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
    (answer) => answer.text(),
    () => '',
  );
  const address = text.trim();
  if (isIP(address) === 0)
    throw fail('SETUP_OPTION_INVALID', {
      option: 'admin-cidr',
      given: '',
      why: `could not determine this computer's public address from ${url}; specify it, for example 203.0.113.7/32`,
    });
  return `${address}/${isIP(address) === 4 ? 32 : 128}`;
}
