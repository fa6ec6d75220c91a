import { KIND, label } from '#labels.ts';
import { LOG_LIMITS, type RegistryAuth, type ServiceSpec } from '#engine';
import { SILENCE_RETRIES, SILENCE_SETTING } from '#nodes';
import { labelsOf, names, type PlatformService } from '../names.ts';
import { fingerprint, type ClusterSpec } from '../setup/cluster-spec.ts';

export interface Ref {
  readonly id: string;
  readonly name: string;
}

export interface ServiceParts {
  readonly image: string;
  readonly networks: { readonly control: string; readonly proxy: string };
  readonly routerToken: Ref;
  /** With `image` in a registry. */
  readonly registryAuth?: RegistryAuth;
}

/** Of the controller's API. */
export interface ApiCertificate {
  readonly apiCert: Ref;
  readonly apiKey: Ref;
}

/** Names of the objects by which the platform's parts authenticate each other. */
export interface TrustRefs {
  readonly ca: Ref;
  readonly agentCert: Ref;
  readonly agentKey: Ref;
  readonly controllerCert: Ref;
  readonly controllerKey: Ref;
  readonly registryCert: Ref;
  readonly registryKey: Ref;
  readonly registryPassword: Ref;
  readonly registryHtpasswd: Ref;
}

/** Readable by the image's own user; Swarm gives secrets to root. */
export const READABLE = 0o444;
export const CA_FILE = '/run/mothership/ca.pem';
export const API_CERT_FILE = '/run/mothership/api-cert.pem';
const RESTART = { condition: 'any', delayMs: 1_000 } as const;
/**
 * A machine may be cut off: bounds a request in progress (retries) and an idle wait (keepalive: after 10 s, every 3 s,
 * three times) to about 20 s. Source: tcp(7).
 */
const sysctls = {
  [SILENCE_SETTING]: String(SILENCE_RETRIES),
  'net.ipv4.tcp_keepalive_time': '10',
  'net.ipv4.tcp_keepalive_intvl': '3',
  'net.ipv4.tcp_keepalive_probes': '3',
};

/** What all services of the platform have in common. */
export function shared(spec: ClusterSpec, service: PlatformService, { image, registryAuth }: ServiceParts) {
  // Also on tasks, to distinguish those of the new spec from old ones.
  const labels = { ...labelsOf(spec.settings.name, KIND[service]), [label.fingerprint]: fingerprint(spec, service) };
  return {
    name: names[service],
    image,
    ...(registryAuth ? { registryAuth } : {}),
    labels,
    containerLabels: labels,
    init: service === 'controller' || service === 'agent',
    capDrop: ['ALL'],
    noNewPrivileges: true,
    sysctls,
    restart: RESTART,
    logOptions: LOG_LIMITS,
  };
}

/** The networks on which the platform's services meet each other, and web processes. */
export function networksOf(parts: ServiceParts, alias: string): ServiceSpec['networks'] {
  return [{ id: parts.networks.control, aliases: [alias] }, { id: parts.networks.proxy }];
}

export function caFile({ ca }: TrustRefs) {
  return { ...ca, path: CA_FILE, mode: READABLE };
}

export function apiCertFile({ apiCert }: Pick<ApiCertificate, 'apiCert'>) {
  return { ...apiCert, path: API_CERT_FILE, mode: READABLE };
}
