import { KIND } from '#labels.ts';
import { randomBytes } from 'node:crypto';
import type { Engine } from '#engine';
import { isoNow, type Clock, type Event, type Secret } from '#events';
import { applySliceStep, type Machine, type SliceStep } from '#provision';
import type { Store } from '#store';
import { ControllerWait } from './wait-for-controller.ts';
import { makeCertificate, type Certificate } from '../services/certificate.ts';
import { clusterRecord, type ClusterSpec, type ImageIds } from './cluster-spec.ts';
import { apiCertificate, labelsOf, names, trust } from '../names.ts';
import { probeNode } from '../doctor/node-probe.ts';
import type { Observed } from './observe-cluster.ts';
import type { SetupStep } from './setup-plan.ts';
import { PlatformServices } from '../services/platform-services.ts';
import { createPlatformNetwork } from '../services/swarm-network.ts';
import { askBuilders, forbidden } from './user-namespaces.ts';
import { mintToken } from '#access/token-value.ts';

interface SetupStepsParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly spec: ClusterSpec;
  readonly observed: Observed;
  readonly notify: (event: Event) => void;
  readonly keepToken: (token: Secret) => Promise<void>;
  readonly trustRegistry?: ((ca: Buffer) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

type WorkStep = Exclude<SetupStep, { kind: 'image' }>;
const SHARED = ['trust', 'hosts', 'first-registry', 'registry-keys', 'registry-login', 'push'] as const;
type SharedWork = Extract<
  WorkStep,
  | { readonly kind: 'trust' | 'hosts' | 'first-registry' | 'registry-keys' | 'registry-login' }
  | { readonly kind: 'push' }
>;

/** Applies single steps of a plan; each can be interrupted and repeated. */
export class SetupSteps {
  readonly #services: PlatformServices;
  token: Secret | undefined;

  constructor(private readonly parts: SetupStepsParts) {
    this.#services = new PlatformServices({ ...parts, record: parts.observed.record });
  }

  apply(step: WorkStep): Promise<void> {
    if (isShared(step)) return this.#share(step);
    switch (step.kind) {
      case 'slice':
        return this.#slices(step.steps);
      case 'swarm':
        return this.#swarm(step.advertiseAddress);
      case 'network':
        return createPlatformNetwork(this.parts.engine, this.#cluster, step.name, this.parts.observed.addresses);
      case 'volume':
        return this.parts.engine.createVolume({ name: step.name, labels: labelsOf(this.#cluster, KIND.volume) });
      case 'router-token':
        return this.#secret(names.routerToken, Buffer.from(randomBytes(32).toString('base64url')));
      case 'certificate':
        return this.#certificate();
      case 'api-certificate':
        return this.#apiCertificate();
      case 'ca-bundle':
        return this.#caBundle();
      case 'record':
        return this.#record();
      case 'token':
        return this.#token();
      case 'service':
        return this.#services.apply(step.name);
      case 'answer':
        return this.#answer();
    }
  }

  /** The cluster's own certificates, and steps that only multi-node clusters need. */
  #share(step: SharedWork): Promise<void> {
    switch (step.kind) {
      case 'trust':
        return this.#services.makeTrust();
      case 'hosts':
        return this.#hosts();
      case 'first-registry':
        return this.#services.startRegistry();
      case 'registry-keys':
        return this.#registryKeys();
      case 'registry-login':
        return this.#services.logIn();
      case 'push':
        return this.#services.push(step.recipe);
    }
  }

  get #cluster(): string {
    return this.parts.spec.settings.name;
  }

  async #slices(steps: readonly SliceStep[]): Promise<void> {
    for (const step of steps) await applySliceStep(this.parts.machine, step);
  }

  /** Marked immediately, so that destroying the cluster knows who created the Swarm. */
  async #swarm(advertiseAddress: string): Promise<void> {
    const { engine } = this.parts;
    await engine.initSwarm({ advertiseAddress });
    await engine.createConfig({
      name: names.swarmMark,
      labels: labelsOf(this.#cluster, KIND.swarmMark),
      data: Buffer.from(this.#cluster),
    });
  }

  async #secret(name: string, data: Buffer): Promise<void> {
    await this.parts.engine.createSecret({ name, labels: labelsOf(this.#cluster, KIND.secret), data });
  }

  /** Certificate and key belong together: half a pair is removed. */
  async #certificate(): Promise<void> {
    const { engine, spec } = this.parts;
    const { cert, key } = spec.certificate;
    const made = await this.#certificateFor(spec.settings.domain);
    await engine.removeSecret(cert);
    await engine.removeSecret(key);
    await this.#secret(cert, made.cert);
    await this.#secret(key, made.key);
  }

  async #apiCertificate(): Promise<void> {
    const { engine } = this.parts;
    const { host, cert: name, key } = apiCertificate;
    const made = await this.#certificateFor(host);
    await engine.removeConfig(name);
    await engine.removeSecret(key);
    await engine.createConfig({ name, labels: labelsOf(this.#cluster, KIND.trust), data: made.cert });
    await this.#secret(key, made.key);
  }

  async #certificateFor(domain: string): Promise<Certificate> {
    const { engine, spec } = this.parts;
    return makeCertificate(engine, this.#cluster, await this.#services.imageId(spec.images.router.tag), domain);
  }

  async #hosts(): Promise<void> {
    const ca = await this.parts.engine.config(trust.ca);
    await this.parts.trustRegistry?.(ca!.data);
  }

  async #caBundle(): Promise<void> {
    const { engine, spec } = this.parts;
    await engine.createConfig({
      name: spec.caBundle!,
      labels: labelsOf(this.#cluster, KIND.caBundle),
      data: spec.settings.caBundle!,
    });
  }

  /** Names are derived from the content: an existing secret is the same. */
  async #registryKeys(): Promise<void> {
    const {
      engine,
      spec: { settings, registry },
    } = this.parts;
    const { accessKey, secretKey } = settings.registryStorage!;
    const held = new Set((await engine.secrets({})).map(({ name }) => name));
    for (const [name, key] of [
      [registry!.storage!.accessKey, accessKey],
      [registry!.storage!.secretKey, secretKey],
    ] as const) {
      if (!held.has(name)) await this.#secret(name, Buffer.from(key.reveal()));
    }
  }

  async #record(): Promise<void> {
    const { store, spec, clock, observed } = this.parts;
    const publish = await this.#publish();
    const createdAt = observed.record?.createdAt ?? isoNow(clock);
    await store.cluster.put(
      clusterRecord(spec, {
        images: await this.#imageIds(),
        publish,
        createdAt,
        references: this.#services.references,
      }),
    );
  }

  async #publish(): Promise<'ingress' | 'host'> {
    const { engine, spec, notify } = this.parts;
    const { publish } = spec.settings;
    if (publish !== 'auto') return publish;
    if ((await probeNode(engine, this.#cluster, spec.images.router.tag)).ipvs) return 'ingress';
    const message =
      "This kernel has no IPVS, which Swarm's ingress mesh needs. The router is published on " +
      'host ports instead (--publish host).';
    notify({ type: 'notice', level: 'warning', message });
    return 'host';
  }

  async #answer(): Promise<void> {
    const { engine, spec, notify } = this.parts;
    const token = this.token ?? spec.settings.token;
    const controller = new ControllerWait({ ...this.parts, token });
    await controller.wait();
    for (const { node, why } of await controller.unisolated()) {
      const message = `NOT ENFORCED: on ${node}, apps can connect to each other's web processes (${why}).`;
      notify({ type: 'notice', level: 'warning', message });
    }
    const found = forbidden(await askBuilders(spec.settings, token, await engine.nodes()));
    if (found) notify({ type: 'notice', level: 'warning', message: `${found.detail}. ${found.fix}` });
  }

  /** Saved before it becomes valid: a valid token that was never shown would be lost. */
  async #token(): Promise<void> {
    const { store, spec, clock, keepToken } = this.parts;
    const { record, value } = mintToken(
      { user: spec.settings.adminUser, role: 'admin', description: 'Created by setup' },
      clock.now(),
    );
    await keepToken(value);
    await store.tokens.create(record);
    this.token = value;
  }

  async #imageIds(): Promise<ImageIds> {
    const { controller, router, stackRun, stackBuild } = this.parts.spec.images;
    const [a, b, c, d] = await Promise.all(
      [controller, router, stackRun, stackBuild].map((image) => this.#services.imageId(image.tag)),
    );
    return { controller: a!, router: b!, stackRun: c!, stackBuild: d! };
  }
}

function isShared(step: WorkStep): step is SharedWork {
  return SHARED.some((kind) => kind === step.kind);
}
