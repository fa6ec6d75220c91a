import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const TIMEOUT_MS = 10_000;

/**
 * The namespace in which an engine keeps the bridge of an overlay network. `folder`: the engine's /run/docker/netns.
 */
export interface OverlayNamespace {
  /** Runs `nft` in there and returns its stdout. Throws if the namespace does not exist, or with what nft printed. */
  nft(argv: readonly string[], stdin?: string): Promise<string>;
}

export function overlayNamespace(folder: string, network: string): OverlayNamespace {
  return {
    async nft(argv, stdin = '') {
      const name = (await readdir(folder)).filter((each) => isOf(network, each)).sort(newest)[0];
      if (name === undefined) return Promise.reject(new Error(`network ${network.slice(0, 12)} has no namespace here`));
      return run(['nsenter', `--net=${join(folder, name)}`, 'nft', ...argv], stdin);
    },
  };
}

/**
 * Forgets the other namespaces that the engine had when this container started: as long as they are mounted here, the
 * engine could not remove them. Its own mounts stay, because they are not shared with this container.
 */
export async function releaseOthers(folder: string, network: string): Promise<void> {
  const others = (await readdir(folder)).filter((each) => !isOf(network, each));
  await Promise.all(others.map((each) => run(['umount', join(folder, each)]).catch(() => undefined)));
}

/** `<count>-<first part of the id>`, 12 characters; the count grows whenever the engine makes it again. */
function isOf(network: string, name: string): boolean {
  const [, start = ''] = /^\d+-(\w{6,})$/.exec(name) ?? [];
  return start !== '' && network.startsWith(start);
}

const newest = (a: string, b: string): number => parseInt(b, 10) - parseInt(a, 10);

function run([file = '', ...argv]: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, argv, { timeout: TIMEOUT_MS }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr.trim().split('\n')[0] || error.message)) : resolve(stdout),
    );
    child.stdin?.on('error', () => undefined).end(stdin);
  });
}
