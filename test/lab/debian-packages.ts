import { asRoot, must, run } from './command.js';

/** A command to look for, and the Debian package that contains it. */
export type DebianCommand = readonly [command: string, packageName: string];

async function hasCommand(command: string): Promise<boolean> {
  const found = await run(['which', command], { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
  return found.code === 0;
}

/** Debian 12's docker.io includes the client: no package of the client's name exists there. */
async function available(packages: readonly string[]): Promise<string[]> {
  const known = await Promise.all(packages.map((name) => run(['apt-cache', 'show', name])));
  return packages.filter((_, index) => known[index]?.code === 0);
}

/** Installs the packages of commands that this machine lacks, and prints which. */
export async function installCommands(commands: readonly DebianCommand[]): Promise<void> {
  const present = await Promise.all(commands.map(([command]) => hasCommand(command)));
  const missing = commands.filter((_, index) => !present[index]).map(([, packageName]) => packageName);
  if (missing.length === 0) return;
  await must(asRoot(['apt-get', 'update']));
  const packages = await available(missing);
  process.stderr.write(`Installing from Debian: ${packages.join(', ')}\n`);
  const install = ['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', ...packages];
  await must(asRoot(['env', 'DEBIAN_FRONTEND=noninteractive', ...install]));
}
