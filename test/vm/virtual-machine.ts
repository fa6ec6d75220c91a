import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run, type CommandOptions, type CommandResult } from '../lab/command.ts';
import type { VmImage } from './vm-image.ts';

const MEMORY_MB = 1536;
/** Without hardware virtualisation, next to another machine and on a busy host. */
const BOOT_MS = 420_000;

/** A machine with a kernel of its own, by QEMU's emulation: it has IPVS, whatever the host has. */
export class VirtualMachine {
  readonly name: string;
  /** The host's loopback address where its ports 22, 80 and 443 answer: its "public" one. */
  readonly address: string;
  /** Where the run's other machines reach it. */
  readonly privateAddress: string;
  readonly image: VmImage;
  readonly #folder: string;
  /** Files that it has as read-only disks: /dev/vdb, /dev/vdc and so on. */
  readonly #disks: readonly string[];
  #process: ChildProcess | undefined;
  #ended = false;

  /** `number`: 1 to 250. `folder` is the run's. */
  constructor(number: number, image: VmImage, folder: string, disks: readonly string[] = []) {
    this.name = `vm-${number}`;
    this.address = `127.0.10.${number}`;
    this.privateAddress = `10.77.0.${number}`;
    this.image = image;
    this.#folder = folder;
    this.#disks = disks;
  }

  /** `group`: port of the multicast group that is the machines' network. */
  start(group: number): void {
    const [file = '', ...args] = this.#arguments(group);
    this.#process = spawn(file, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: this.#folder },
    });
    this.#process.once('exit', () => {
      this.#ended = true;
    });
  }

  /** Waits until it accepts logins. Throws with the last lines of its console if it ends or is too slow. */
  async ready(): Promise<void> {
    const deadline = Date.now() + BOOT_MS;
    while ((await this.ssh(['true'], { timeoutMs: 30_000 })).code !== 0) {
      const text = await this.console();
      if (this.#ended || text.includes('Kernel panic') || Date.now() > deadline)
        throw new Error(`${this.name} did not boot:\n${text.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  /** Runs a command as root; resolves whatever its exit code is. Arguments are quoted for the shell at the other end. */
  async ssh(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const command = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    return run(['ssh', ...this.#sshOptions(), `root@${this.address}`, command], options);
  }

  async must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.ssh(argv, options);
    if (code !== 0) throw new Error(`${this.name}: ${argv.join(' ')}: exit ${code}\n${stderr || stdout}`);
    return stdout.trim();
  }

  console(): Promise<string> {
    return readFile(this.#consoleFile, 'utf8').catch(() => '');
  }

  /** As a loss of power; its disk was a draft anyway. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (!process || this.#ended) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await ended;
    await run(['ssh', ...this.#sshOptions(), '-O', 'exit', `root@${this.address}`]);
  }

  get #consoleFile(): string {
    return join(this.#folder, `${this.name}.console`);
  }

  /** One connection for all commands: a handshake takes seconds here. */
  #sshOptions(): string[] {
    const options = {
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      LogLevel: 'ERROR',
      BatchMode: 'yes',
      ConnectTimeout: '20',
      ControlMaster: 'auto',
      ControlPath: join(this.#folder, `${this.name}.ssh`),
      ControlPersist: '600',
    };
    return [
      '-F',
      '/dev/null',
      '-i',
      this.image.key,
      ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ];
  }

  #arguments(group: number): string[] {
    const number = Number(this.privateAddress.split('.').at(-1));
    const mac = (network: number): string => `52:54:00:77:0${network}:${number.toString(16).padStart(2, '0')}`;
    const forwards = [22, 80, 443].map((port) => `hostfwd=tcp:${this.address}:${port}-:${port}`).join(',');
    const kernel = `root=/dev/vda rw console=ttyS0 net.ifnames=0 apparmor=0 selinux=0 no_timer_check panic=-1 quiet systemd.hostname=${this.name} lab.address=${this.privateAddress}`;
    return [
      'qemu-system-x86_64',
      '-accel',
      'tcg,thread=multi',
      '-cpu',
      'max',
      '-smp',
      '2',
      '-m',
      String(MEMORY_MB),
      '-no-reboot',
      '-display',
      'none',
      '-monitor',
      'none',
      '-serial',
      `file:${this.#consoleFile}`,
      '-kernel',
      this.image.kernel,
      '-initrd',
      this.image.initrd,
      '-append',
      kernel,
      '-drive',
      `file=${this.image.disk},format=raw,if=virtio,snapshot=on,cache=unsafe`,
      ...this.#disks.flatMap((file) => ['-drive', `file=${file},format=raw,if=virtio,readonly=on`]),
      '-device',
      'virtio-rng-pci',
      '-netdev',
      `user,id=outside,net=192.168.77.0/24,${forwards}`,
      '-device',
      `virtio-net-pci,netdev=outside,mac=${mac(1)}`,
      '-netdev',
      `socket,id=inside,mcast=230.0.0.1:${group},localaddr=127.0.0.1`,
      '-device',
      `virtio-net-pci,netdev=inside,mac=${mac(2)}`,
    ];
  }
}

/** Ends the machines of a process that is gone: the run's folder is in their arguments. */
export async function killMachinesOf(folder: string): Promise<void> {
  const found = await run(['pgrep', '-f', `^qemu-system-x86_64 .*-serial file:${folder}/`]);
  for (const pid of found.stdout.split('\n').filter(Boolean)) await must(['kill', '-KILL', pid]);
}
