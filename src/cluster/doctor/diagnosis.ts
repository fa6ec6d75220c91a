import { counted } from '#values/counted.ts';
import type { MisplacedDomain } from '#apps';
import { isTooOld, OLDEST_ENGINE, type EngineInfo, type NodeInfo } from '#engine';
import { GiB } from '#values/size.ts';
import { rolesOf } from '#nodes';
import type { ClusterRecord } from '#store';
import { controllerUrl } from '../names.ts';
import type { NodeProbe } from './node-probe.ts';
import { unconfined } from '../setup/confinement.ts';
import { forbidden, type NodeNamespaces } from '../setup/user-namespaces.ts';
import type { Answered } from '../setup/reach.ts';

export interface Check {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was observed. */
  readonly detail: string;
  /** How to fix it. */
  readonly fix?: string;
}

export interface ServiceHealth {
  readonly running: number;
  /** Why the newest task is not running; empty if it is. */
  readonly trouble: string;
}

/** What the doctor observed; undefined if it could not be observed. */
export interface Symptoms {
  readonly engine: EngineInfo | { readonly unreachable: string };
  readonly nodes?: readonly NodeInfo[] | undefined;
  readonly record?: ClusterRecord | undefined;
  /** Ids of the cluster's images that the engine lacks. */
  readonly missingImages?: readonly string[] | undefined;
  readonly controller?: ServiceHealth | undefined;
  readonly router?: ServiceHealth | undefined;
  readonly answer?: Answered | undefined;
  /** Of nodes that build; empty if none has reported. */
  readonly namespaces?: readonly NodeNamespaces[] | undefined;
  readonly closedPorts?: readonly number[] | undefined;
  readonly address: string;
  readonly probe?: NodeProbe | undefined;
  /** Local time in milliseconds, just after the probe. */
  readonly now: number;
  /** Whether names under the domain resolve. */
  readonly resolves?: boolean | undefined;
  /** Claimed by an app under the default domain of another. */
  readonly misplaced?: readonly MisplacedDomain[] | undefined;
}

/** Nodes with fewer CPUs should not both build and serve apps. */
const CPUS_FOR_BOTH = 3;
const CLOCK_TOLERANCE_MS = 5_000;

/** Returns one check per line, in the order to fix them. */
export function diagnose(symptoms: Symptoms): Check[] {
  const { engine, record } = symptoms;
  if ('unreachable' in engine)
    return [
      failed(
        'engine',
        engine.unreachable,
        'Start it (`systemctl start docker`) or install it with `./bin/quickstart`; check ' +
          'DOCKER_HOST and your permissions on its socket.',
      ),
    ];
  const checks = [checkEngine(engine), checkSwarm(engine)];
  if (engine.swarm !== 'manager') return checks;
  const { nodes } = symptoms;
  checks.push(...(nodes ? [checkNodes(nodes), checkPrivileges(nodes), checkBuilders(nodes)] : []));
  if (!record)
    return [...checks, failed('cluster', 'there is no Mothership cluster on this Swarm', 'Run `mothership setup`.')];
  return [...checks, ok('cluster', `"${record.name}", version ${record.version}`), ...checkParts(symptoms, record)];
}

function checkParts(symptoms: Symptoms, record: ClusterRecord): Check[] {
  const { missingImages, controller, router, answer, closedPorts, probe, resolves } = symptoms;
  const { namespaces = [], misplaced = [] } = symptoms;
  return [
    ...(missingImages ? [checkImages(missingImages)] : []),
    ...(controller ? [checkService('controller', controller)] : []),
    ...(router ? [checkService('router', router)] : []),
    ...(closedPorts ? [checkPorts(closedPorts, symptoms.address, record)] : []),
    ...(answer ? [checkAnswer(answer, record)] : []),
    ...(answer?.unisolated ? [checkIsolation(answer.unisolated)] : []),
    ...(namespaces.length > 0 ? [checkNamespaces(namespaces)] : []),
    ...(probe ? [checkMesh(probe, record), checkDisk(probe), checkSwap(probe), checkClock(probe, symptoms.now)] : []),
    ...(resolves === undefined ? [] : [checkNames(resolves, record)]),
    ...(misplaced.length > 0 ? [checkDomains(misplaced)] : []),
  ];
}

function checkEngine({ version, apiVersion }: EngineInfo): Check {
  if (!isTooOld(version)) return ok('engine', `Docker ${version}, API ${apiVersion}`);
  return failed('engine', `Docker ${version} is older than ${OLDEST_ENGINE}`, 'Upgrade Docker Engine.');
}

function checkSwarm({ swarm, nodeAddress }: EngineInfo): Check {
  if (swarm === 'manager') return ok('swarm', `this node manages it, at ${nodeAddress}`);
  const fixes = {
    inactive: 'Run `mothership setup`.',
    locked: 'Unlock it: `docker swarm unlock`.',
    worker: 'Run this on a manager.',
    error: "Check the engine's log; `docker swarm leave` ends a broken membership.",
  };
  return failed('swarm', `its state is "${swarm}"`, fixes[swarm]);
}

function checkNodes(nodes: readonly NodeInfo[]): Check {
  const away = nodes.filter((node) => node.state !== 'ready');
  const managers = nodes.filter((node) => node.role === 'manager');
  const seen = `${nodes.length} (${counted(managers.length, 'managers')})`;
  if (away.length > 0)
    return failed(
      'nodes',
      `${away.map((node) => `${node.hostname} is ${node.state}`).join(', ')}`,
      'Start these machines and their engines, or remove them: `docker node rm --force NODE`.',
    );
  if (managers.length % 2 === 0)
    return warning(
      'nodes',
      `${seen}: an even number of managers tolerates no more failures than one fewer`,
      'Add or remove a manager.',
    );
  return ok('nodes', seen);
}

function checkPrivileges(nodes: readonly NodeInfo[]): Check {
  const found = unconfined(nodes);
  if (!found) return ok('privileges', 'setuid programs of apps gain nothing');
  return warning('privileges', found.detail, found.fix);
}

/** Without dedicated builders, the controller's node builds, and every node serves apps. */
function checkBuilders(nodes: readonly NodeInfo[]): Check {
  const builders = nodes.filter((node) => rolesOf(node).includes('builder'));
  if (builders.length > 0) return ok('builders', builders.map(({ hostname }) => hostname).join(', '));
  const small = nodes.filter(({ role, cpus }) => role === 'manager' && cpus < CPUS_FOR_BOTH);
  if (small.length === 0) return ok('builders', 'managers build');
  return warning(
    'builders',
    `builds share ${small.map(({ hostname, cpus }) => `${hostname} (CPUs: ${cpus})`).join(', ')} with apps`,
    'Let another node build: `mothership nodes:label NODE role.builder=true`.',
  );
}

function checkImages(missing: readonly string[]): Check {
  if (missing.length === 0) return ok('images', 'all platform images are present');
  return failed(
    'images',
    `the engine is missing ${missing.join(', ')}`,
    'Run `mothership setup` again to build the missing images.',
  );
}

function checkService(name: string, { running, trouble }: ServiceHealth): Check {
  if (running > 0 && trouble === '') return ok(name, `${running} running`);
  return failed(
    name,
    trouble || 'no task is running',
    `Check its log (\`docker service logs mothership-${name}\`), then run \`mothership setup\` again.`,
  );
}

function checkPorts(closed: readonly number[], address: string, { httpPort, httpsPort }: ClusterRecord): Check {
  if (closed.length === 0) return ok('ports', `${httpPort} and ${httpsPort} are open at ${address}`);
  return failed(
    'ports',
    `nothing is listening on ${closed.map((port) => `${address}:${port}`).join(' and ')}`,
    "Open them in the firewall, or specify the router's address with --address.",
  );
}

function checkAnswer({ ok: good, why }: Answered, record: ClusterRecord): Check {
  const url = controllerUrl(record.domain, record.httpPort);
  return good
    ? ok('answer', `${url} responds and every router has its routes`)
    : failed('answer', `${url}: ${why}`, 'Fix the problems above, then run `mothership setup` again.');
}

function checkIsolation(unisolated: NonNullable<Answered['unisolated']>): Check {
  if (unisolated.length === 0) return ok('isolation', 'web processes of different apps cannot connect to each other');
  return failed(
    'isolation',
    `NOT ENFORCED: apps can connect to each other's web processes on ${unisolated
      .map(({ node, why }) => `${node} (${why})`)
      .join(', ')}`,
    'The kernel must support nftables in the bridge family (`modprobe nft_meta_bridge`); see the log of the agent: ' +
      '`docker service logs mothership-agent`.',
  );
}

function checkNamespaces(builders: readonly NodeNamespaces[]): Check {
  const found = forbidden(builders);
  if (!found) return ok('namespaces', 'Dockerfile builds may create user namespaces');
  return warning('namespaces', found.detail, found.fix);
}

function checkMesh({ ipvs }: NodeProbe, { publish }: ClusterRecord): Check {
  if (ipvs || publish === 'host')
    return ok(
      'mesh',
      publish === 'host'
        ? `not used: the router is published on host ports${ipvs ? '' : ' (the kernel has no IPVS)'}`
        : 'the kernel has IPVS',
    );
  return failed(
    'mesh',
    'the router is published on the ingress mesh, but the kernel has no IPVS',
    'Run `mothership setup --publish host`, or load the module: `modprobe ip_vs`.',
  );
}

function checkDisk({ diskBytes, diskFreeBytes }: NodeProbe): Check {
  const seen = `${(diskFreeBytes / GiB).toFixed(1)} GiB of ${(diskBytes / GiB).toFixed(0)} GiB free`;
  const fix = 'Free up space: `docker image prune`, `docker builder prune`.';
  if (diskFreeBytes < GiB) return failed('disk', seen, fix);
  return diskFreeBytes < 5 * GiB ? warning('disk', seen, fix) : ok('disk', seen);
}

/** Swarm gives a service as much swap as memory; the engine takes no limit for it before API 1.52. */
function checkSwap({ swapBytes }: NodeProbe): Check {
  if (swapBytes === 0) return ok('swap', 'off: memory limits hold');
  return warning(
    'swap',
    `${(swapBytes / GiB).toFixed(1)} GiB: processes of apps may use twice their memory limit, the second half in swap`,
    'Turn it off: `swapoff -a`, and remove it from /etc/fstab.',
  );
}

/** The engine's time is in whole seconds and was read a moment ago. */
function checkClock({ time }: NodeProbe, now: number): Check {
  const apart = Math.abs(now - time);
  if (apart <= CLOCK_TOLERANCE_MS) return ok('clock', 'this machine and the node are in sync');
  return failed(
    'clock',
    `this machine and the node are ${Math.round(apart / 1000)} s apart`,
    'Synchronize both with NTP: `apt-get install systemd-timesyncd`.',
  );
}

function checkNames(resolves: boolean, { domain }: ClusterRecord): Check {
  if (resolves) return ok('names', `names under ${domain} resolve`);
  return warning(
    'names',
    `names under ${domain} do not resolve here`,
    `Create a DNS record *.${domain} that points to the cluster.`,
  );
}

/** Claims from before they were refused. */
function checkDomains(misplaced: readonly MisplacedDomain[]): Check {
  const each = misplaced.map(({ domain, app, owner }) => `${app} claims ${domain}, a name of ${owner}`);
  const { domain, app } = misplaced[0]!;
  return warning('domains', each.join('; '), `Remove them: \`mothership domains:remove '${domain}' -a ${app}\`.`);
}

const ok = (check: string, detail: string): Check => ({ check, state: 'ok', detail });
const warning = (check: string, detail: string, fix: string): Check => ({ check, state: 'warning', detail, fix });
const failed = (check: string, detail: string, fix: string): Check => ({ check, state: 'failed', detail, fix });
