import type { RegistryAuth } from '../../engine/engine.ts';

/**
 * Says who asks. A registry of one's own takes the password; others answer a call with "Bearer realm=…,scope=…" and want
 * a token from there (Docker's registry token protocol), which is kept for calls of the same repository.
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

  /** What to send after a refusal; undefined when there is nothing better. */
  async answer(challenge: string, path: string): Promise<string | undefined> {
    const [scheme = ''] = challenge.split(' ');
    const fields = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    // The password goes to a place that the registry names, but never over a line that others can read.
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

/** Tokens are for one repository: everything before `/manifests/`, `/blobs/` or `/tags/`. */
function scopeOf(path: string): string {
  return path.replace(/\/(manifests|blobs|tags)\/.*$/, '');
}
