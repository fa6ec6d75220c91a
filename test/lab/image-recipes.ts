import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must, run } from './command.js';

export const SUITE = 'trixie';
export const BASE_IMAGE = `mothership-lab/base:${SUITE}`;
export const NODE_IMAGE = `mothership-lab/node:${SUITE}`;
export const MACHINE_IMAGE = `mothership-lab/machine:${SUITE}`;

/** Where Debian keeps all trusted certificates in one file, and the variables that make programs use it. */
export const CA_FILE = '/etc/ssl/certs/ca-certificates.crt';
const CA_VARIABLES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/** What the base tar holds besides apt: enough for both images, so that it is bootstrapped only once. */
export const BASE_PACKAGES = ['ca-certificates', 'iproute2', 'iptables', 'procps'];

/** An image made from the base: packages, then a fixed script, then files of the host. */
export interface Recipe {
  tag: string;
  packages: string[];
  script: string;
  /** Folders or files of this host copied in: [here, there]. */
  copies: [string, string][];
  env: Record<string, string>;
}

/** Digest of everything an image depends on; kept as its label to tell whether it must be built again. */
export function contentKey(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 32);
}

/** The host's CA bundle, if it uses one of its own: behind a TLS-inspecting proxy npm fails without it. */
export function hostCaBundle(): string | undefined {
  return CA_VARIABLES.map((name) => process.env[name]).find((file) => file);
}

function certificateCopies(): Pick<Recipe, 'copies' | 'env'> {
  const bundle = hostCaBundle();
  if (!bundle) return { copies: [], env: {} };
  return { copies: [[bundle, CA_FILE]], env: Object.fromEntries(CA_VARIABLES.map((name) => [name, CA_FILE])) };
}

/** The host's own npm, because Debian's comes as some four hundred packages. */
async function hostNpm(): Promise<string | undefined> {
  const root = await run(['npm', 'root', '-g']);
  const folder = join(root.stdout.trim(), 'npm');
  const found = root.code === 0 && (await run(['test', '-f', join(folder, 'bin', 'npm-cli.js')])).code === 0;
  return found ? folder : undefined;
}

/** Units which would touch the kernel that all machines share with the host. */
const MASKED_UNITS = [
  ...['systemd-sysctl.service', 'systemd-modules-load.service', 'systemd-binfmt.service', 'kmod-static-nodes.service'],
  ...['proc-sys-fs-binfmt_misc.automount', 'systemd-random-seed.service', 'dev-hugepages.mount', 'getty.target'],
  ...['sys-kernel-config.mount', 'sys-kernel-debug.mount', 'sys-kernel-tracing.mount', 'sys-fs-fuse-connections.mount'],
];

/** Host keys are made at boot: two machines must not share an identity. */
const FORGET_HOST_KEYS = 'rm -f /etc/ssh/ssh_host_*';

/** Logins over SSH and sudo take their environment from this file, not from the image. */
function environmentScript(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `echo ${name}=${value} >> /etc/environment`)
    .join('\n');
}

/** A Swarm node: an engine newer than Debian 12's, so that the tests meet both. */
export function nodeRecipe(): Recipe {
  const packages = ['docker.io', 'docker-cli', 'openssh-server', 'mmdebstrap', 'curl', 'sudo'];
  const { copies, env } = certificateCopies();
  return { tag: NODE_IMAGE, packages, script: `${FORGET_HOST_KEYS}\n${environmentScript(env)}`, copies, env };
}

/** A machine as a newcomer has it: systemd, SSH, Node and apt; no Docker. */
export async function machineRecipe(): Promise<Recipe> {
  const npm = await hostNpm();
  const system = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo'];
  const packages = [...system, 'nodejs', 'git', 'curl', ...(npm ? [] : ['npm'])];
  const { copies, env } = certificateCopies();
  const script = [FORGET_HOST_KEYS, environmentScript(env), `systemctl mask ${MASKED_UNITS.join(' ')}`];
  if (npm) {
    copies.push([npm, '/usr/lib/node_modules/npm']);
    script.push('mkdir -p /usr/lib/node_modules');
    script.push('for c in npm npx; do ln -sfn ../lib/node_modules/npm/bin/$c-cli.js /usr/bin/$c; done');
  }
  return { tag: MACHINE_IMAGE, packages, script: script.join('\n'), copies, env };
}

async function copyDigest(path: string): Promise<string> {
  const manifest = await readFile(join(path, 'package.json')).catch(() => undefined);
  if (manifest) return contentKey(manifest);
  return contentKey(await readFile(path));
}

/** Digest of a recipe on top of its parent's: also changes with the CA bundle's or npm's content. */
export async function recipeKey(recipe: Recipe, parent: string): Promise<string> {
  const digests = await Promise.all(recipe.copies.map(([from]) => copyDigest(from)));
  const { packages, script, env } = recipe;
  return contentKey(
    parent,
    JSON.stringify({ packages, script, env, there: recipe.copies.map(([, to]) => to) }),
    ...digests,
  );
}

/** Copies the host's files into a stopped container. */
export async function copyInto(socketArgv: readonly string[], container: string, recipe: Recipe): Promise<void> {
  for (const [from, to] of recipe.copies) {
    // `docker cp` of a folder onto a missing path renames it; the -L follows the bundle's symlink.
    await must([...socketArgv, 'cp', '-L', from, `${container}:${to === CA_FILE ? to : dirname(to)}`]);
  }
}
