import { asRoot, must, run } from '../lab/command.ts';

/** Program to look for, and the Debian package that brings it. */
const NEEDED: readonly (readonly [program: string, packageName: string])[] = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['mmdebstrap', 'mmdebstrap'],
  ['mke2fs', 'e2fsprogs'],
  ['ssh', 'openssh-client'],
];

/** Installs what the virtual machines need, from the packages of this Debian machine. */
export async function ensurePackages(): Promise<void> {
  const found = await Promise.all(
    NEEDED.map(([program]) => run(['which', program], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })),
  );
  const missing = NEEDED.filter((_, index) => found[index]!.code !== 0).map(([, name]) => name);
  if (missing.length === 0) return;
  await must(asRoot(['apt-get', 'update', '-q']));
  await must(
    asRoot([
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      'install',
      '-yq',
      '--no-install-recommends',
      ...missing,
    ]),
  );
}
