import { fail } from '#errors';

const TYPES = ['ssh-ed25519', 'ssh-rsa'];

/** Returns type and body of a public key, without its comment. Throws AWS_KEY_INVALID if EC2 cannot import it. */
export function parsePublicKey(line: string): { type: string; body: string } {
  const [type = '', body = ''] = line.trim().split(/\s+/);
  if (!TYPES.includes(type))
    throw fail('AWS_KEY_INVALID', {
      why: type.startsWith('-----')
        ? 'it is not a public key'
        : `EC2 does not support keys of type "${type.slice(0, 40)}"`,
    });
  if (!/^[A-Za-z0-9+/]{40,}={0,2}$/.test(body)) throw fail('AWS_KEY_INVALID', { why: 'its contents are damaged' });
  return { type, body };
}

/** Also true if `kept` is empty: EC2 does not show the key to everyone who can create machines. */
export function sameKey(kept: string, given: string): boolean {
  return kept === '' || kept.trim().split(/\s+/)[1] === parsePublicKey(given).body;
}
