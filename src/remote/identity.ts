import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { fail } from '#errors';
import type { Host } from '#events';

const ATTEMPTS = 3;

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

  /** Describes what is tried. */
  get tried(): string {
    const tried = [...this.#files, ...(this.#agent ? ["the SSH agent's keys"] : [])];
    return tried.join(', ') || 'nothing: there is no key';
  }

  /** Authentication methods in order. Throws SSH_KEY_UNREADABLE. */
  async methods(username: string): Promise<AnyAuthMethod[]> {
    this.#keys ??= this.#readAll();
    const keys: AnyAuthMethod[] = (await this.#keys).map((key) => ({ type: 'publickey', username, key }));
    return this.#agent ? [...keys, { type: 'agent', username, agent: this.#agent }] : keys;
  }

  /** One at a time: two prompts at once could not be answered. */
  async #readAll(): Promise<ParsedKey[]> {
    const keys: ParsedKey[] = [];
    for (const file of this.#files) keys.push(await this.#read(file));
    return keys;
  }

  async #read(file: string): Promise<ParsedKey> {
    const text = await readFile(file).catch((error: Error) => {
      throw fail('SSH_KEY_UNREADABLE', { file, why: error.message }, error);
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
