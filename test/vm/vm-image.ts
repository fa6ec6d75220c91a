import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRoot, must } from '../lab/command.ts';
import { debianMirror } from '../lab/debian-mirror.ts';
import { contentKey } from '../lab/image-recipes.ts';
import { labRoot } from '../lab/lab-paths.ts';
import { withLock } from '../lab/lock.ts';
import { ensurePackages } from './vm-packages.ts';

/** Debian 12: its 6.1 kernel boots reliably without hardware virtualisation, Debian 13's does not. */
const SUITE = 'bookworm';
const PACKAGES = [
  'linux-image-cloud-amd64',
  'systemd-sysv',
  'dbus',
  'udev',
  'kmod',
  'iproute2',
  'iptables',
  'procps',
  'openssh-server',
  'ca-certificates',
  'docker.io',
  'busybox-static',
];
const SIZE = '8G';

/**
 * eth0 leads to the outside, eth1 to the other machines; the latter is the one that a default route names, as on a
 * server whose private network is its first, though packets to the outside take eth0.
 */
const NETWORK = `#!/bin/sh
set -e
for word in $(cat /proc/cmdline); do case $word in lab.address=*) address=\${word#lab.address=};; esac; done
ip link set eth0 up
ip link set eth1 up mtu 1400
ip address add 192.168.77.15/24 dev eth0
ip address add "$address/24" dev eth1
ip route add default via 192.168.77.2 dev eth0 table 77
ip route add default via 10.77.0.254 dev eth1
ip rule add pref 100 lookup main suppress_prefixlength 0
ip rule add pref 200 lookup 77
`;

const UNIT = `[Unit]
DefaultDependencies=no
Before=network.target network-online.target docker.service ssh.service
After=systemd-udev-settle.service
Wants=systemd-udev-settle.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-network
[Install]
WantedBy=multi-user.target
`;

/** In the new system's folder, \$1. No journal on disk, no timers: a machine lives for minutes. */
const CUSTOMIZE = `set -e
cp "$0/lab-network" "$1/usr/local/sbin/"; chmod 755 "$1/usr/local/sbin/lab-network"
cp "$0/lab-network.service" "$1/etc/systemd/system/"
mkdir -p -m 700 "$1/root/.ssh"; cp "$0/key.pub" "$1/root/.ssh/authorized_keys"
echo 'nameserver 192.168.77.3' > "$1/etc/resolv.conf"
echo '/dev/vda / ext4 defaults,noatime 0 1' > "$1/etc/fstab"
printf '127.0.0.1 localhost\\n' > "$1/etc/hosts"
printf 'UseDNS no\\nPermitRootLogin prohibit-password\\n' > "$1/etc/ssh/sshd_config.d/lab.conf"
chroot "$1" systemctl enable lab-network.service ssh.service docker.service
chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer systemd-timesyncd.service e2scrub_reap.service getty@tty1.service serial-getty@ttyS0.service
`;

/** Files that machines boot from. */
export interface VmImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Private key that logs in as root. */
  readonly key: string;
}

const imagesRoot = (): string => join(labRoot(), 'vm');

/** The image by its recipe's digest: from the cache, or made now, which takes some minutes. */
export async function vmImage(): Promise<VmImage> {
  await ensurePackages();
  const folder = join(imagesRoot(), contentKey(SUITE, PACKAGES.join(' '), NETWORK, UNIT, CUSTOMIZE, SIZE));
  const image = {
    disk: join(folder, 'disk'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.img'),
    key: join(folder, 'key'),
  };
  await mkdir(imagesRoot(), { recursive: true });
  return withLock('vm-image', async () => {
    if (!(await exists(folder))) await make(folder);
    return image;
  });
}

async function make(folder: string): Promise<void> {
  await forgetOthers();
  const draft = await mkdtemp(join(imagesRoot(), 'draft-'));
  try {
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(draft, 'key')]);
    for (const [name, text] of [
      ['lab-network', NETWORK],
      ['lab-network.service', UNIT],
      ['customize', CUSTOMIZE],
    ] as const)
      await writeFile(join(draft, name), text);
    await chmod(draft, 0o755);
    const root = join(draft, 'root');
    await must(asRoot(bootstrap(draft, root, await debianMirror())), { timeoutMs: 1_200_000 });
    await takeBootFiles(join(root, 'boot'), draft);
    await must(asRoot(['mke2fs', '-q', '-t', 'ext4', '-d', root, join(draft, 'disk'), SIZE]));
    await must(asRoot(['rm', '-rf', '--one-file-system', root]));
    await rename(draft, folder);
  } finally {
    await must(asRoot(['rm', '-rf', '--one-file-system', draft]));
  }
}

function bootstrap(draft: string, root: string, mirror: string): string[] {
  return [
    'mmdebstrap',
    '--variant=minbase',
    '--format=directory',
    `--include=${PACKAGES.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Apt::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    `--customize-hook=sh -c "$(cat ${draft}/customize)" ${draft} "$1"`,
    SUITE,
    root,
    mirror,
  ];
}

async function takeBootFiles(boot: string, draft: string): Promise<void> {
  for (const name of await readdir(boot)) {
    const kept = /^(vmlinuz|initrd\.img)-/.exec(name)?.[1];
    if (kept) await copyFile(join(boot, name), join(draft, kept));
  }
}

/** Images of older recipes, and what an interrupted run left. */
async function forgetOthers(): Promise<void> {
  for (const name of await readdir(imagesRoot()))
    await must(asRoot(['rm', '-rf', '--one-file-system', join(imagesRoot(), name)]));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
