import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { fail } from '#errors';
import { whyUnreadable } from '#values/why-unreadable.ts';
import type { Host } from '#events';

const ATTEMPTS = 3;

interface TriedKey {
  /** The private key's file, or the comment of an agent's key. */
  readonly name: string;
  /** Its line for authorized_keys. */
  readonly line: string;
}

/** Credentials: private keys, with one passphrase prompt each, and the SSH agent's keys. */
export class SshIdentity {
  readonly #files: readonly string[];
  readonly #agent: string | undefined;
  readonly #host: Host;
  #keys: Promise<ParsedKey[]> | undefined;

  /** `agent`: path of the SSH agent's socket, as in SSH_AUTH_SOCK. */
  constructor(options: { keyFiles: readonly string[]; agent?: string | undefined; host: Host }) {
    this.#files = options.keyFiles;
    this.#agent = options.agent || undefined;
    this.#host = options.host;
  }

  /** The keys that are tried, in order. Throws SSH_KEY_UNREADABLE. */
  async tried(): Promise<TriedKey[]> {
    const keys = await this.#loaded();
    const files = this.#files.map((name, index) => ({ name, line: publicLine(keys[index]!) }));
    const agent = this.#agent === undefined ? [] : await identitiesOf(this.#agent);
    return [
      ...files,
      ...agent.map((key) => ({ name: `${key.comment || key.type} of the SSH agent`, line: publicLine(key) })),
    ];
  }

  /** Authentication methods in order. Throws SSH_KEY_UNREADABLE. */
  async methods(username: string): Promise<AnyAuthMethod[]> {
    const keys: AnyAuthMethod[] = (await this.#loaded()).map((key) => ({ type: 'publickey', username, key }));
    return this.#agent ? [...keys, { type: 'agent', username, agent: this.#agent }] : keys;
  }

  #loaded(): Promise<ParsedKey[]> {
    this.#keys ??= this.#readAll();
    return this.#keys;
  }

  /** One at a time: two prompts at once could not be answered. */
  async #readAll(): Promise<ParsedKey[]> {
    const keys: ParsedKey[] = [];
    for (const file of this.#files) keys.push(await this.#read(file));
    return keys;
  }

  async #read(file: string): Promise<ParsedKey> {
    const text = await readFile(file).catch((error: Error) => {
      throw fail('SSH_KEY_UNREADABLE', { file, why: whyUnreadable(error) }, error);
    });
    const key = parseKey(text);
    if (!(key instanceof Error)) return key;
    // ssh2 provides only a message, no code.
    if (/encrypted/i.test(key.message)) return this.#unlock(file, text);
    throw fail('SSH_KEY_UNREADABLE', { file, why: key.message });
  }

  async #unlock(file: string, text: Buffer): Promise<ParsedKey> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const message = attempt === 0 ? `Passphrase for ${file}:` : `Wrong passphrase. Passphrase for ${file}:`;
      const passphrase = await this.#host.ask({ kind: 'secret', message, flag: `ssh-add ${file}` });
      const key = parseKey(text, String(passphrase));
      if (!(key instanceof Error)) return key;
    }
    throw fail('SSH_KEY_UNREADABLE', { file, why: 'the passphrase is wrong' });
  }
}

/** Returns the agent's keys; none if it does not respond. */
function identitiesOf(socket: string): Promise<ParsedKey[]> {
  return new Promise((resolve) => {
    new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => resolve(error ? [] : ((keys ?? []) as ParsedKey[])));
  });
}

/** A public key's line in authorized_keys. */
export function publicLine(key: ParsedKey): string {
  return [key.type, key.getPublicSSH().toString('base64'), key.comment].filter(Boolean).join(' ');
}

/** Throws nothing: a key that cannot be used, for example for want of its passphrase, is an Error. */
export function parseKey(text: Buffer, passphrase?: string): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0]! : parsed;
  if (!(key instanceof Error) && !key.isPrivateKey()) return new Error('it is not a private key');
  return key;
}
