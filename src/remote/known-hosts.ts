import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import ssh2 from 'ssh2';
import type { SshTarget } from './target.ts';

type HostKeyVerdict =
  | { readonly state: 'known' | 'pinned'; readonly fingerprint: string }
  | { readonly state: 'changed'; readonly fingerprint: string; readonly pinned: string };

interface Line {
  readonly host: string;
  readonly type: string;
  readonly key: string;
}

/**
 * Known host keys in a file in OpenSSH's format. The first key of a host is trusted and pinned; others are rejected.
 */
export class KnownHosts {
  readonly path: string;
  /** One at a time, so that two connections to a new host do not both pin a key. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** Key types known for the host (`ssh-ed25519`); empty for a new one. */
  async types(target: SshTarget): Promise<string[]> {
    return (await this.#lines(target)).map((line) => line.type);
  }

  check(target: SshTarget, key: Buffer): Promise<HostKeyVerdict> {
    const verdict = this.#turn.then(() => this.#check(target, key));
    this.#turn = verdict.catch(() => undefined);
    return verdict;
  }

  /** For a removed machine, whose address may be reused. */
  forget(target: SshTarget): Promise<void> {
    const done = this.#turn.then(async () => {
      const lines = (await this.#text()).split('\n');
      const left = lines.filter((line) => line.trim().split(/\s+/)[0] !== hostWord(target));
      if (left.length < lines.length) await writeFile(this.path, left.join('\n'), { mode: 0o600 });
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #check(target: SshTarget, key: Buffer): Promise<HostKeyVerdict> {
    const known = await this.#lines(target);
    const fingerprint = fingerprintOf(key);
    const text = key.toString('base64');
    if (known.some((line) => line.key === text)) return { state: 'known', fingerprint };
    const [first] = known;
    if (first) return { state: 'changed', fingerprint, pinned: fingerprintOf(Buffer.from(first.key, 'base64')) };
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await appendFile(this.path, `${hostWord(target)} ${typeOf(key)} ${text}\n`, { mode: 0o600 });
    return { state: 'pinned', fingerprint };
  }

  async #lines(target: SshTarget): Promise<Line[]> {
    return (await this.#text())
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([host = '', type = '', key = '']) => ({ host, type, key }))
      .filter((line) => line.key !== '' && line.host === hostWord(target));
  }

  async #text(): Promise<string> {
    return readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
  }
}

/** The host's name in OpenSSH's own file. */
export function hostWord({ host, port }: SshTarget): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function typeOf(key: Buffer): string {
  const parsed = ssh2.utils.parseKey(key);
  return parsed instanceof Error ? key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1') : parsed.type;
}

/** In the format of `ssh-keygen -l`. */
function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
