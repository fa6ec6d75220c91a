import { FIREWALL_SCRIPT, HOSTS_FILE, SILENCE_FILE, SILENCE_NOW } from '../../nodes/index.ts';
import type { Machine } from '../machine.ts';
import { observeSlices, type ObservedSlices } from './slices.ts';

export const FIREWALL_UNIT = '/etc/systemd/system/mothership-firewall.service';
const SOCKET = 'unix:///var/run/docker.sock';

/** A host as observed. */
export interface ObservedHost {
  readonly os: { readonly id: string; readonly like: readonly string[]; readonly name: string };
  readonly systemd: boolean;
  readonly slices: ObservedSlices;
  readonly apt: boolean;
  /** Programs on the host. */
  readonly has: { readonly dockerd: boolean; readonly docker: boolean; readonly iptables: boolean };
  /** Packages whose installation was not finished. */
  readonly halfInstalled: boolean;
  /** Version of the running engine; undefined if none responds. */
  readonly engine: string | undefined;
  readonly memoryBytes: number;
  /** Free space where the engine keeps images. */
  readonly diskBytes: number;
  /** Files; undefined if missing. */
  readonly hosts: string;
  readonly registryCa: string | undefined;
  readonly firewallScript: string | undefined;
  readonly firewallUnit: string | undefined;
  readonly silenceSettings: string | undefined;
  /** The kernel's current value; undefined if unknown. */
  readonly silenceRetries: number | undefined;
  readonly ufw: boolean;
}

/** `registry`: `host:port` whose certificate to check. */
export async function observeHost(machine: Machine, registry?: string): Promise<ObservedHost> {
  const has = (program: string): Promise<boolean> =>
    succeeds(machine, ['sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v "$0"', program]);
  const [release = '', systemd, apt, dockerd, docker, iptables, meminfo = '', disk, audit] = await Promise.all([
    machine.readFile('/etc/os-release'),
    succeeds(machine, ['test', '-d', '/run/systemd/system']),
    has('apt-get'),
    has('dockerd'),
    has('docker'),
    has('iptables'),
    machine.readFile('/proc/meminfo'),
    machine.run(['df', '--output=avail', '-B1', '/var/lib']),
    machine.run(['dpkg', '--audit']),
  ]);
  const [engine, slices, hosts = '', registryCa, firewallScript, firewallUnit, silenceSettings, retries, ufw = ''] =
    await Promise.all([
      docker ? engineVersion(machine) : undefined,
      observeSlices(machine),
      machine.readFile(HOSTS_FILE),
      registry === undefined ? undefined : machine.readFile(registryCaPath(registry)),
      machine.readFile(FIREWALL_SCRIPT),
      machine.readFile(FIREWALL_UNIT),
      machine.readFile(SILENCE_FILE),
      machine.readFile(SILENCE_NOW),
      machine.readFile('/etc/ufw/ufw.conf'),
    ]);
  return {
    os: osOf(release),
    systemd,
    slices,
    apt,
    has: { dockerd, docker, iptables },
    engine,
    hosts,
    registryCa,
    firewallScript,
    firewallUnit,
    silenceSettings,
    silenceRetries: retries === undefined ? undefined : Number(retries),
    halfInstalled: apt && audit.stdout !== '',
    memoryBytes: Number(/^MemTotal:\s+(\d+)/m.exec(meminfo)?.[1] ?? 0) * 1024,
    diskBytes: Number(disk.stdout.split('\n').at(-1)),
    ufw: /^ENABLED=yes/m.test(ufw),
  };
}

export function registryCaPath(registry: string): string {
  return `/etc/docker/certs.d/${registry}/ca.crt`;
}

/** Returns undefined if no engine responds. */
export async function engineVersion(machine: Machine): Promise<string | undefined> {
  const { code, stdout } = await machine.run(
    machine.asRoot(['docker', '--host', SOCKET, 'version', '--format', '{{.Server.Version}}']),
    { timeoutMs: 20_000 },
  );
  return code === 0 ? stdout.trim() : undefined;
}

async function succeeds(machine: Machine, argv: readonly string[]): Promise<boolean> {
  return (await machine.run(argv)).code === 0;
}

/** Source: os-release(5). */
function osOf(text: string): ObservedHost['os'] {
  const value = (key: string): string => new RegExp(`^${key}=["']?(.*?)["']?\\s*$`, 'm').exec(text)?.[1] ?? '';
  return {
    id: value('ID'),
    like: value('ID_LIKE').split(' ').filter(Boolean),
    name: value('PRETTY_NAME') || value('ID') || 'an unknown system',
  };
}
