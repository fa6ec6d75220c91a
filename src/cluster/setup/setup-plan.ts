import { fail } from '#errors';
import { isTooOld, OLDEST_ENGINE } from '#engine';
import type { SliceStep } from '#provision';
import { fingerprint, recordDiffers, type ClusterSpec } from './cluster-spec.ts';
import type { ImageRecipe } from '../images/image-recipe.ts';
import { apiCertificate, controllerUrl, names, TRUST_OBJECTS, type PlatformService } from '../names.ts';
import type { Observed } from './observe-cluster.ts';

type StepWork =
  | { readonly kind: 'slice'; readonly steps: readonly SliceStep[] }
  | { readonly kind: 'swarm'; readonly advertiseAddress: string }
  | { readonly kind: 'image'; readonly recipe: ImageRecipe }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'volume'; readonly name: string }
  | { readonly kind: 'router-token' | 'certificate' | 'api-certificate' | 'ca-bundle' | 'record' | 'token' | 'answer' }
  | { readonly kind: 'trust' | 'hosts' | 'first-registry' | 'registry-keys' | 'registry-login' }
  | { readonly kind: 'push'; readonly recipe: ImageRecipe }
  | { readonly kind: 'service'; readonly name: PlatformService };

/** `phase` names it in progress and timings; `title` says what is done and `cause` why. */
export type SetupStep = StepWork & { readonly phase: string; readonly title: string; readonly cause: string };

/**
 * Returns the steps from the observed to the desired state, in order; empty if there is nothing to do. Throws SETUP_*
 * errors if it must not proceed.
 */
export function planSetup(observed: Observed, spec: ClusterSpec): SetupStep[] {
  refuse(observed, spec);
  const images = imageSteps(observed, spec);
  const pushes = pushSteps(observed, spec, images);
  const services = serviceSteps(observed, spec);
  return [
    ...hostSteps(observed),
    ...swarmSteps(observed, spec),
    ...images,
    ...foundationSteps(observed, spec),
    ...trustSteps(observed),
    ...registrySteps(observed, spec),
    ...pushes,
    ...recordSteps(observed, spec, images.length + pushes.length > 0 || observed.imagesMoved === true),
    ...tokenSteps(observed, spec),
    ...services,
    ...answerSteps(observed, spec, services.length > 0),
  ];
}

function refuse({ engine, foreignServices, record, portsTaken }: Observed, { settings }: ClusterSpec): void {
  if (isTooOld(engine.version)) throw fail('SETUP_ENGINE_OLD', { version: engine.version, needed: OLDEST_ENGINE });
  if (engine.swarm !== 'inactive' && engine.swarm !== 'manager')
    throw fail('SETUP_SWARM_UNUSABLE', { state: engine.swarm });
  if (record && record.name !== settings.name)
    throw fail('SETUP_CLUSTER_EXISTS', { existing: record.name, given: settings.name });
  if (foreignServices.length > 0 && !record && !settings.joinExistingSwarm)
    throw fail('SETUP_SWARM_FOREIGN', { services: foreignServices });
  const [port] = portsTaken;
  if (port !== undefined)
    throw fail('SETUP_PORT_TAKEN', { port, option: port === settings.httpPort ? 'http-port' : 'https-port' });
}

function hostSteps({ slices = [] }: Observed): SetupStep[] {
  if (slices.length === 0) return [];
  const [title, cause] = ['Create a systemd slice for builds', 'it is missing or from another version'];
  return [{ kind: 'slice', steps: slices, phase: 'slice', title, cause }];
}

function swarmSteps({ engine, addresses }: Observed, { settings }: ClusterSpec): SetupStep[] {
  if (engine.swarm === 'manager') return [];
  const reachable =
    /^\d+\.\d+\.\d+\.\d+$/.test(settings.address) && !settings.address.startsWith('127.')
      ? settings.address
      : undefined;
  const advertiseAddress = settings.advertiseAddress ?? reachable ?? addresses[0] ?? '127.0.0.1';
  return [
    {
      kind: 'swarm',
      advertiseAddress,
      phase: 'swarm',
      title: `Initialize a one-node Swarm on this engine at ${advertiseAddress}`,
      cause: 'it is not in a Swarm',
    },
  ];
}

function imageSteps({ images: held }: Observed, { images, settings }: ClusterSpec): SetupStep[] {
  const missing = Object.values(images).filter((image: ImageRecipe) => !held.includes(image.tag));
  // A parent is only needed for a build, so its image may have been removed.
  const needed = withParents(missing, Object.values(images), held);
  return needed.map((recipe) => ({
    kind: 'image',
    recipe,
    phase: `image ${recipe.name}`,
    title: recipe.parent
      ? `Build the image ${recipe.name}`
      : 'Get Debian 13 as the base image, ' +
        (settings.mirror
          ? `bootstrapped from ${settings.mirror}`
          : 'from Docker Hub, or else bootstrapped from a Debian mirror'),
    cause: 'the engine does not have it',
  }));
}

function withParents(
  missing: readonly ImageRecipe[],
  all: readonly ImageRecipe[],
  held: readonly string[],
): ImageRecipe[] {
  const needed = new Set<ImageRecipe>();
  const need = (recipe: ImageRecipe | undefined): void => {
    if (!recipe || held.includes(recipe.tag)) return;
    need(all.find((each) => each.tag === recipe.parent));
    needed.add(recipe);
  };
  for (const recipe of missing) if (recipe.parent) need(recipe);
  return [...needed];
}

function needed(steps: readonly (SetupStep | false | '' | undefined)[]): SetupStep[] {
  return steps.filter((step) => !!step);
}

function foundationSteps(observed: Observed, { certificate, caBundle, settings }: ClusterSpec): SetupStep[] {
  const { secrets, configs } = observed;
  return needed([
    ...networkAndVolumeSteps(observed),
    !secrets.includes(names.routerToken) && {
      kind: 'router-token',
      phase: 'secrets',
      title: 'Create the token that routers present to the controller',
      cause: 'there is none',
    },
    !(secrets.includes(certificate.cert) && secrets.includes(certificate.key)) && {
      kind: 'certificate',
      phase: 'certificate',
      title: `Create a self-signed certificate for ${settings.domain} and *.${settings.domain}`,
      cause: 'there is none for this domain',
    },
    !(configs.includes(apiCertificate.cert) && secrets.includes(apiCertificate.key)) && {
      kind: 'api-certificate',
      phase: 'certificate',
      title: 'Create the certificate by which routers recognize the controller',
      cause: 'there is none',
    },
    settings.caBundle &&
      caBundle &&
      !configs.includes(caBundle) && {
        kind: 'ca-bundle',
        phase: 'ca bundle',
        title: 'Store the CA certificates for builds',
        cause: 'the cluster does not have them',
      },
  ]);
}

function networkAndVolumeSteps({ networks, volumes }: Observed): SetupStep[] {
  const uses = [
    [names.controlNetwork, 'controller and routers'],
    [names.proxyNetwork, 'routers and web processes'],
  ] as const;
  const cause = 'it does not exist';
  return [
    ...uses
      .filter(([name]) => !networks.includes(name))
      .map(([name, use]) => {
        const title = `Create the network ${name} for ${use}`;
        return { kind: 'network', name, phase: 'networks', title, cause } as const;
      }),
    ...[names.dataVolume, names.routerVolume]
      .filter((name) => !volumes.includes(name))
      .map((name) => ({ kind: 'volume', name, phase: 'volumes', title: `Create the volume ${name}`, cause }) as const),
  ];
}

const lacks = (held: readonly string[], ...wanted: string[]): boolean => wanted.some((name) => !held.includes(name));

function trustSteps({ configs, secrets }: Observed): SetupStep[] {
  if (!lacks([...configs, ...secrets], ...TRUST_OBJECTS)) return [];
  const [title, cause] = [
    'Create the certificates that the platform uses to authenticate its parts',
    'some are missing',
  ];
  return [{ kind: 'trust', phase: 'trust', title, cause }];
}

/** Turns one node into several: a registry that runs before others join. */
function registrySteps({ configs, secrets, services }: Observed, { settings, registry }: ClusterSpec): SetupStep[] {
  if (settings.nodes === 'one') return [];
  const { registryStorage, externalRegistry } = settings;
  const { storage, password } = registry ?? {};
  const first = services[names.registry] === undefined && registry?.kind !== 'external';
  return needed([
    registryStorage &&
      storage &&
      lacks(secrets, storage.accessKey, storage.secretKey) && {
        kind: 'registry-keys',
        phase: 'secrets',
        title: `Store the credentials for the bucket ${storage.bucket}`,
        cause: 'the cluster does not have them',
      },
    externalRegistry &&
      password &&
      (lacks(secrets, password) || lacks(configs, password)) && {
        kind: 'registry-login',
        phase: 'secrets',
        title: `Log in to the registry at ${externalRegistry.prefix}`,
        cause: 'its password has changed',
      },
    first && { kind: 'hosts', phase: 'hosts', title: 'Trust the registry on all nodes', cause: 'there was none' },
    first && { kind: 'first-registry', phase: 'registry', title: 'Start the registry', cause: 'it is not running' },
  ]);
}

function pushSteps(
  { record, imagesMoved }: Observed,
  { images, settings, registry }: ClusterSpec,
  built: readonly SetupStep[],
): SetupStep[] {
  if (settings.nodes === 'one') return [];
  const { base: _base, ...wanted } = images;
  const isNew = (recipe: ImageRecipe): boolean =>
    built.some((step) => step.kind === 'image' && step.recipe.tag === recipe.tag);
  return Object.values(wanted)
    .filter(
      (recipe: ImageRecipe) =>
        imagesMoved === true || isNew(recipe) || !record?.references?.[recipe.tag]?.startsWith(`${registry?.prefix}/`),
    )
    .map((recipe: ImageRecipe) => ({
      kind: 'push',
      recipe,
      phase: 'push',
      title: `Push the image ${recipe.name} to the registry`,
      cause: 'other nodes pull it from there',
    }));
}

function recordSteps({ record }: Observed, spec: ClusterSpec, newImages: boolean): SetupStep[] {
  const step = (cause: string): SetupStep[] => [
    { kind: 'record', phase: 'settings', title: 'Store the cluster settings', cause },
  ];
  if (!record) return step('there are none');
  if (recordDiffers(spec, record)) return step('they have changed');
  return newImages ? step('images have changed') : [];
}

function tokenSteps({ hasAdmin, tokenHolds }: Observed, { settings }: ClusterSpec): SetupStep[] {
  if (hasAdmin && tokenHolds) return [];
  const cause = hasAdmin ? 'this machine has no valid token' : 'there is none';
  return [
    { kind: 'token', phase: 'token', title: `Create an access token for the admin "${settings.adminUser}"`, cause },
  ];
}

/** A change of the machine itself, which its operator should know of beforehand. */
const FIREWALL = " and add firewall rules that keep containers from this machine's SSH and cluster ports";

function serviceSteps({ services }: Observed, spec: ClusterSpec): SetupStep[] {
  return servicesOf(spec).flatMap((name): SetupStep[] => {
    const held = services[names[name]];
    if (held === fingerprint(spec, name)) return [];
    const [verb, cause] =
      held === undefined ? ['Start', 'it is not running'] : ['Update', 'its image or settings have changed'];
    const title = `${verb} the ${name}${name === 'agent' && held === undefined ? FIREWALL : ''}`;
    return [{ kind: 'service', name, phase: name, title, cause }];
  });
}

/** In the order they are started. */
function servicesOf({ settings, registry }: ClusterSpec): PlatformService[] {
  if (settings.nodes === 'one') return ['agent', 'controller', 'router'];
  return [...(registry?.kind === 'external' ? [] : ['registry' as const]), 'agent', 'controller', 'router'];
}

function answerSteps({ answers }: Observed, { settings }: ClusterSpec, started: boolean): SetupStep[] {
  if (answers && !started) return [];
  const cause = started ? 'it was just started' : 'it does not respond';
  return [
    {
      kind: 'answer',
      phase: 'answer',
      title:
        `Wait until ${controllerUrl(settings.domain, settings.httpPort)} responds and the routers ` +
        'have their routes',
      cause,
    },
  ];
}
