import { FIREWALL_SCRIPT, FIREWALL_UNIT, HOSTS_FILE, SILENCE_FILE, SILENCE_NOW } from '#nodes';
import type { Machine } from '../machine.ts';
import { BEFORE_FILE } from './host-before.ts';
import { observeSlices, type ObservedSlices } from './slices.ts';

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
  /** The record of settings before Mothership; undefined if there is none yet. */
  readonly before: string | undefined;
}

const FILES = {
  release: '/etc/os-release',
  memory: '/proc/meminfo',
  ufw: '/etc/ufw/ufw.conf',
  hosts: HOSTS_FILE,
  firewallScript: FIREWALL_SCRIPT,
  firewallUnit: FIREWALL_UNIT,
  silenceSettings: SILENCE_FILE,
  silenceNow: SILENCE_NOW,
  before: BEFORE_FILE,
} as const;

/** `registry`: `host:port` whose certificate to check. */
export async function observeHost(machine: Machine, registry?: string): Promise<ObservedHost> {
  const has = (program: string): Promise<boolean> =>
    succeeds(machine, ['sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v "$0"', program]);
  const [files, [apt, dockerd, docker, iptables], slices, systemd, disk, audit, registryCa] = await Promise.all([
    readFiles(machine),
    Promise.all([has('apt-get'), has('dockerd'), has('docker'), has('iptables')]),
    observeSlices(machine),
    succeeds(machine, ['test', '-d', '/run/systemd/system']),
    machine.run(['df', '--output=avail', '-B1', '/var/lib']),
    machine.run(['dpkg', '--audit']),
    registry === undefined ? undefined : machine.readFile(registryCaPath(registry)),
  ]);
  const { firewallScript, firewallUnit, silenceSettings, silenceNow, before, hosts = '' } = files;
  return {
    os: osOf(files.release ?? ''),
    systemd,
    slices,
    apt,
    has: { dockerd, docker, iptables },
    engine: docker ? await engineVersion(machine) : undefined,
    hosts,
    before,
    registryCa,
    firewallScript,
    firewallUnit,
    silenceSettings,
    silenceRetries: silenceNow === undefined ? undefined : Number(silenceNow),
    halfInstalled: apt && audit.stdout !== '',
    memoryBytes: Number(/^MemTotal:\s+(\d+)/m.exec(files.memory ?? '')?.[1] ?? 0) * 1024,
    diskBytes: Number(disk.stdout.split('\n').at(-1)),
    ufw: /^ENABLED=yes/m.test(files.ufw ?? ''),
  };
}

async function readFiles(machine: Machine): Promise<Partial<Record<keyof typeof FILES, string>>> {
  const texts = Object.entries(FILES).map(async ([name, path]) => [name, await machine.readFile(path)]);
  return Object.fromEntries(await Promise.all(texts));
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
