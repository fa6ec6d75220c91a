import { isTooOld, OLDEST_ENGINE } from '#engine';
import { GiB, inMegabytes } from '#values/size.ts';
import { fail } from '#errors';
import {
  FIREWALL_SCRIPT,
  FIREWALL_UNIT,
  FIREWALL_UNIT_TEXT,
  firewallScript,
  HOSTS_FILE,
  SILENCE_FILE,
  SILENCE_RETRIES,
  silenceSettings,
  withHostsBlock,
} from '#nodes';
import { BEFORE_FILE, writtenBefore } from './host-before.ts';
import { DAEMON_JSON, mergedDaemonJson, withoutOldGroups } from './daemon-json.ts';
import { registryCaPath, type ObservedHost } from './observe-host.ts';
import { sliceSteps, type SliceStep } from './slices.ts';

/** Requirements of a cluster's host. */
export interface HostNeeds {
  /** Addresses of all nodes: only they can reach the cluster's ports. */
  readonly peers: readonly string[];
  /** `host` includes its port; `addresses` in the order to try them. */
  readonly registry?: { readonly host: string; readonly ca: Buffer; readonly addresses: readonly string[] };
}

export type BootstrapStep =
  | {
      readonly kind: 'packages';
      readonly title: string;
      readonly names: readonly string[];
      readonly optional: readonly string[];
    }
  | SliceStep
  | { readonly kind: 'start-engine'; readonly title: string; readonly systemd: boolean }
  | { readonly kind: 'firewall'; readonly title: string; readonly unit: boolean }
  | { readonly kind: 'silence'; readonly title: string };

export interface BootstrapPlan {
  readonly steps: readonly BootstrapStep[];
  /** Potential problems. */
  readonly warnings: readonly string[];
}

const COMFORT = { memoryBytes: 0.9 * GiB, diskBytes: 8 * GiB };

/**
 * Returns the steps that prepare the host. `name` is the machine's. Pure. Throws HOST_UNSUPPORTED or HOST_DAEMON_JSON.
 */
export function planBootstrap(name: string, host: ObservedHost, needs: HostNeeds): BootstrapPlan {
  refuseUnsupported(name, host);
  // The package starts its engine immediately, so its settings come first.
  const steps = [
    ...sliceSteps(host.slices),
    ...recordSteps(name, host),
    ...daemonSteps(name, host),
    ...packageSteps(host),
    ...firewallSteps(host, needs),
    ...silenceSteps(host),
    ...startSteps(host),
    ...registrySteps(host, needs),
  ];
  return { steps, warnings: warningsOf(name, host) };
}

function refuseUnsupported(name: string, { os, apt, has, engine }: ObservedHost): void {
  const installs = apt && [os.id, ...os.like].some((each) => each === 'debian' || each === 'ubuntu');
  if (engine !== undefined && isTooOld(engine))
    throw fail('HOST_UNSUPPORTED', {
      machine: name,
      why: `its Docker Engine is version ${engine}; ${OLDEST_ENGINE} or newer is required`,
    });
  if (installs) return;
  if (!has.dockerd || !has.docker)
    throw fail('HOST_UNSUPPORTED', {
      machine: name,
      why: `Mothership cannot install Docker Engine on ${os.name}`,
    });
  if (!has.iptables) throw fail('HOST_UNSUPPORTED', { machine: name, why: `it runs ${os.name} without iptables` });
}

function packageSteps({ has, engine, halfInstalled }: ObservedHost): BootstrapStep[] {
  const names = [...(has.dockerd ? [] : ['docker.io', 'ca-certificates']), ...(has.iptables ? [] : ['iptables'])];
  // Since Debian 13, the client is a separate package.
  const optional = has.docker ? [] : ['docker-cli'];
  const all = [...names, ...optional];
  if (all.length === 0 && (engine !== undefined || !halfInstalled)) return [];
  const title = all.length === 0 ? 'Finish an interrupted installation' : `Install ${all.join(' and ')}`;
  return [{ kind: 'packages', title: has.dockerd ? title : 'Install Docker Engine', names, optional }];
}

/** Before they change, and once: later, the settings are ours. */
function recordSteps(name: string, host: ObservedHost): BootstrapStep[] {
  const changes = [...daemonSteps(name, host), ...silenceSteps(host).filter(({ kind }) => kind === 'silence')];
  if (host.before !== undefined || changes.length === 0) return [];
  const { daemonJson } = host.slices;
  const before = writtenBefore({
    daemonJson: withoutOldGroups(daemonJson) ?? daemonJson ?? null,
    tcpRetries: host.silenceRetries ?? null,
  });
  return writeIfOther("Record the host's settings", BEFORE_FILE, before, undefined, 0o644);
}

/** A running engine keeps its settings: others would take effect only after a restart, which stops what it runs. */
function daemonSteps(name: string, { engine, slices: { daemonJson } }: ObservedHost): BootstrapStep[] {
  const merged = mergedDaemonJson(name, withoutOldGroups(daemonJson) ?? daemonJson);
  if (engine !== undefined || merged === undefined) return [];
  return writeIfOther('Write the engine settings', DAEMON_JSON, merged, daemonJson, 0o644);
}

function firewallSteps(host: ObservedHost, { peers }: HostNeeds): BootstrapStep[] {
  const script = firewallScript(peers);
  return [
    ...writeIfOther('Write the firewall rules', FIREWALL_SCRIPT, script, host.firewallScript, 0o755),
    ...(host.systemd
      ? writeIfOther('Write the firewall unit', FIREWALL_UNIT, FIREWALL_UNIT_TEXT, host.firewallUnit, 0o644)
      : []),
    // Always: the file may differ from the kernel's value.
    {
      kind: 'firewall',
      title: "Restrict the cluster's internal ports to its nodes",
      unit: host.systemd && host.firewallUnit !== FIREWALL_UNIT_TEXT,
    },
  ];
}

/** A lower value set by the administrator stays. */
function silenceSteps({ silenceSettings: found, silenceRetries: now }: ObservedHost): BootstrapStep[] {
  if (now === undefined) return [];
  return [
    ...writeIfOther('Write the TCP timeout', SILENCE_FILE, silenceSettings, found, 0o644),
    ...(now > SILENCE_RETRIES ? [{ kind: 'silence' as const, title: 'Detect unreachable machines sooner' }] : []),
  ];
}

function startSteps({ engine, systemd }: ObservedHost): BootstrapStep[] {
  return engine === undefined ? [{ kind: 'start-engine', title: 'Start Docker Engine', systemd }] : [];
}

function registrySteps({ registryCa, hosts }: ObservedHost, { registry }: HostNeeds): BootstrapStep[] {
  if (!registry) return [];
  const name = registry.host.replace(/:\d+$/, '');
  const block = withHostsBlock(
    hosts,
    registry.addresses.map((address) => ({ address, name })),
  );
  return [
    // First, because the certificate is found by the block's names when it is removed.
    ...writeIfOther("Add the registry's addresses to the hosts file", HOSTS_FILE, block, hosts, 0o644),
    ...writeIfOther(
      "Trust the cluster's registry",
      registryCaPath(registry.host),
      registry.ca.toString(),
      registryCa,
      0o644,
    ),
  ];
}

function writeIfOther(
  title: string,
  path: string,
  text: string,
  found: string | undefined,
  mode: number,
): BootstrapStep[] {
  return text === found ? [] : [{ kind: 'write', title, path, content: Buffer.from(text), mode }];
}

function warningsOf(name: string, { memoryBytes, diskBytes, ufw }: ObservedHost): string[] {
  return [
    ...(memoryBytes < COMFORT.memoryBytes
      ? [`${name} has only ${inMegabytes(memoryBytes)} of memory; at least 2 GB is recommended.`]
      : []),
    ...(diskBytes < COMFORT.diskBytes
      ? [`${name} has only ${inMegabytes(diskBytes)} free under /var/lib; images will soon need more.`]
      : []),
    ...(ufw
      ? [
          `ufw is enabled on ${name}. Allow the nodes: \`ufw allow from ADDRESS\` for each of them, ` +
            'and ports 80 and 443 for everyone.',
        ]
      : []),
  ];
}
