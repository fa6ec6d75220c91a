import type { RegistryAuth } from '#engine/engine.ts';

/**
 * Authenticates with a registry. Some accept the password; others respond with "Bearer realm=…,scope=…" and require a
 * token from there (Docker's registry token protocol), which is cached per repository.
 */
export class Authorization {
  readonly #basic: string;
  readonly #tokens = new Map<string, string>();

  constructor({ user, password }: RegistryAuth) {
    this.#basic = `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;
  }

  header(path: string): string {
    return this.#tokens.get(scopeOf(path)) ?? this.#basic;
  }

  /** Returns what to send after a 401; undefined if there is nothing better. */
  async answer(challenge: string, path: string): Promise<string | undefined> {
    const [scheme = ''] = challenge.split(' ');
    const fields = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    // The registry names the token server, but the password is never sent unencrypted.
    if (scheme.toLowerCase() !== 'bearer' || !fields['realm']?.startsWith('https://')) return undefined;
    const url = new URL(fields['realm']);
    for (const key of ['service', 'scope'] as const) if (fields[key]) url.searchParams.set(key, fields[key]);
    const response = await fetch(url, { headers: { authorization: this.#basic } }).catch(() => undefined);
    if (!response?.ok) return undefined;
    const { token, access_token: other } = (await response.json()) as { token?: string; access_token?: string };
    const header = `Bearer ${token ?? other}`;
    this.#tokens.set(scopeOf(path), header);
    return header;
  }
}

/** Tokens apply to one repository: everything before `/manifests/`, `/blobs/` or `/tags/`. */
function scopeOf(path: string): string {
  return path.replace(/\/(manifests|blobs|tags)\/.*$/, '');
}
