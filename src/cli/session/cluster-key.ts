import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '#errors';
import { whyUnreadable } from '#values/why-unreadable.ts';
import type { Io } from '../program/io.ts';
import { contextsFile } from './contexts.ts';

/** The SSH key that setup creates for a cluster's machines if the user names none. */
export interface ClusterKey {
  /** The private key's file. */
  readonly file: string;
  /** In OpenSSH format. */
  readonly publicKey: string;
  /** Writes the file, readable only by its owner, unless it exists. */
  readonly save: () => Promise<void>;
}

/** Next to the contexts file, one per cluster. */
export function clusterKeyFile(io: Pick<Io, 'env' | 'home'>, cluster: string): string {
  return join(dirname(contextsFile(io)), `ssh_key.${cluster}`);
}

/** Reads the cluster's key, or creates one that is not saved yet. Throws SSH_KEY_UNREADABLE. */
export async function openClusterKey(io: Pick<Io, 'env' | 'home'>, cluster: string): Promise<ClusterKey> {
  const { createKeyPair, publicKeyOf } = await import('#remote');
  const file = clusterKeyFile(io, cluster);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fail('SSH_KEY_UNREADABLE', { file, why: whyUnreadable(error) }, error);
  });
  if (text !== undefined) {
    const publicKey = publicKeyOf(text);
    if (publicKey === undefined) throw fail('SSH_KEY_UNREADABLE', { file, why: 'it is not a private key' });
    return { file, publicKey, save: () => Promise.resolve() };
  }
  const { privateKey, publicKey } = createKeyPair(`mothership-${cluster}`);
  const save = async (): Promise<void> => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, privateKey.reveal(), { mode: 0o600, flag: 'wx' });
  };
  return { file, publicKey, save };
}
