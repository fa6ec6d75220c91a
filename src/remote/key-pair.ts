import ssh2 from 'ssh2';
import { Secret } from '#events';
import { parseKey, publicLine } from './identity.ts';

/** An SSH key in OpenSSH's formats. */
interface KeyPair {
  readonly privateKey: Secret;
  /** One line, as in authorized_keys. */
  readonly publicKey: string;
}

/** Creates an Ed25519 key without a passphrase. */
export function createKeyPair(comment: string): KeyPair {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment });
  return { privateKey: new Secret(privateKey), publicKey };
}

/** Returns the line for authorized_keys of a private key without a passphrase; undefined if it is not one. */
export function publicKeyOf(privateKey: string): string | undefined {
  const key = parseKey(Buffer.from(privateKey));
  return key instanceof Error ? undefined : publicLine(key);
}
