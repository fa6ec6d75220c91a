import { KIND, label } from '#labels.ts';
import type { Engine, RegistryAuth } from '#engine';
import { fail } from '#errors';
import { Secret, waitUntil, type Clock, type Event } from '#events';
import { routerConstraints } from '#nodes';
import type { Machine } from '#provision';
import { digestReference, platformRepository, splitPrefix, tagReference } from '#registry';
import type { ClusterRecord, Store } from '#store';
import type { ClusterSpec } from '../setup/cluster-spec.ts';
import type { ImageRecipe } from '../images/image-recipe.ts';
import {
  apiCertificate,
  labelsOf,
  names,
  REGISTRY_PORT,
  trust,
  TRUST_OBJECTS,
  type PlatformService,
} from '../names.ts';
import { agentService } from './agent-service.ts';
import { controllerService } from './controller-service.ts';
import { registryService, type StorageKeys } from './registry-service.ts';
import { routerService } from './router-service.ts';
import type { TrustRefs } from './service-parts.ts';
import { makeTrust } from './trust.ts';

export interface PlatformServicesParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly spec: ClusterSpec;
  readonly record: ClusterRecord | undefined;
  readonly notify: (event: Event) => void;
  readonly signal?: AbortSignal | undefined;
}

const REGISTRY_DEADLINE_MS = 60_000;
const PAUSE_MS = 200;

/** The platform's own services and their parts. */
export class PlatformServices {
  readonly #parts: PlatformServicesParts;
  readonly #references = new Map<string, string>();

  constructor(parts: PlatformServicesParts) {
    this.#parts = parts;
    for (const [tag, reference] of Object.entries(parts.record?.references ?? {})) this.#references.set(tag, reference);
  }

  /** References in the registry by recipe tag. */
  get references(): Readonly<Record<string, string>> {
    const tags = Object.values(this.#parts.spec.images).map((image: ImageRecipe) => image.tag);
    return Object.fromEntries([...this.#references].filter(([tag]) => tags.includes(tag)));
  }

  /** Removes incomplete sets first: they are useless. */
  async makeTrust(): Promise<void> {
    const { engine, spec } = this.#parts;
    for (const name of TRUST_OBJECTS) await Promise.all([engine.removeConfig(name), engine.removeSecret(name)]);
    const made = await makeTrust(engine, this.#cluster, await this.imageId(spec.images.router.tag));
    const labels = labelsOf(this.#cluster, KIND.trust);
    const secrets: Record<string, Buffer> = {
      [trust.caKey]: made['ca.key'],
      [trust.agentCert]: made['agent.pem'],
      [trust.agentKey]: made['agent.key'],
      [trust.controllerCert]: made['controller.pem'],
      [trust.controllerKey]: made['controller.key'],
      [trust.registryCert]: made['registry.pem'],
      [trust.registryKey]: made['registry.key'],
      [trust.registryPassword]: made.password,
      [trust.registryHtpasswd]: made.htpasswd,
    };
    for (const [name, data] of Object.entries(secrets)) await engine.createSecret({ name, labels, data });
    // Setup must be able to push again later, and Swarm does not return secrets. Anyone who can read this config can
    // read all secrets.
    await engine.createConfig({
      name: trust.registryLogin,
      labels,
      data: loginOf(trust.registryUser, made.password.toString('utf8')),
    });
    await engine.createConfig({ name: trust.ca, labels, data: made['ca.pem'] });
  }

  /** Stores the password of an external registry after it is accepted. Throws REGISTRY_REFUSED. */
  async logIn(): Promise<void> {
    const {
      engine,
      spec: { settings, registry },
    } = this.#parts;
    const { prefix, user, password } = settings.externalRegistry!;
    await engine.checkLogin(splitPrefix(prefix).server, { user, password });
    const [name, labels] = [registry!.password!, labelsOf(this.#cluster, KIND.trust)];
    await Promise.all([engine.removeSecret(name), engine.removeConfig(name)]);
    await engine.createSecret({ name, labels, data: Buffer.from(password.reveal()) });
    await engine.createConfig({ name, labels, data: loginOf(user, password.reveal()) });
  }

  /** Starts from this node's image: until it runs, there is nowhere to pull from. */
  async startRegistry(): Promise<void> {
    const { engine, spec, machine, clock, signal } = this.#parts;
    const parts = { ...(await this.#shared()), image: await this.imageId(spec.images.registry!.tag) };
    const wanted = registryService(spec, parts, await this.#trusted(), await this.#storageKeys());
    await this.#put({ ...wanted, labels: { ...wanted.labels, [label.fingerprint]: 'first' } });
    const { nodeAddress } = await engine.info();
    const pace = { every: PAUSE_MS, within: REGISTRY_DEADLINE_MS, signal };
    if (!(await waitUntil(clock, pace, () => machine.accepts(nodeAddress, REGISTRY_PORT))))
      throw fail('SETUP_REGISTRY_SILENT', {
        address: `${nodeAddress}:${REGISTRY_PORT}`,
        why: await this.#state(names.registry),
      });
  }

  async push(recipe: ImageRecipe): Promise<void> {
    const { engine, notify, spec, signal } = this.#parts;
    const id = await this.imageId(recipe.tag);
    const { prefix } = spec.registry!;
    const repository = platformRepository(recipe.name);
    const tag = tagReference(prefix, repository, id);
    // Keeps the tag: with a repository's last tag, the engine also forgets the digest by which services reference the
    // image.
    await engine.tagImage(id, tag);
    const { digest } = await engine.pushImage(
      tag,
      await this.#login(),
      (line) => notify({ type: 'output', source: 'push', line }),
      signal,
    );
    this.#references.set(recipe.tag, digestReference(prefix, repository, digest));
  }

  async apply(name: PlatformService): Promise<void> {
    const { store, spec: given } = this.#parts;
    const { publish } = (await store.cluster.get()) ?? { publish: 'host' as const };
    // The fingerprint must cover the chosen mode, not `auto`.
    const spec = { ...given, settings: { ...given.settings, publish } };
    const parts = { ...(await this.#shared()), ...(await this.#image(name)) };
    switch (name) {
      case 'controller':
        return this.#put(controllerService(spec, parts, await this.#trusted()));
      case 'router':
        return this.#put(routerService(spec, { ...parts, ...(await this.#routerParts()), publish }));
      case 'agent':
        return this.#put(agentService(spec, parts, await this.#trusted()));
      case 'registry':
        return this.#put(registryService(spec, parts, await this.#trusted(), await this.#storageKeys()));
    }
  }

  async imageId(tag: string): Promise<string> {
    const image = await this.#parts.engine.image(tag);
    if (!image) throw fail('IMAGE_UNAVAILABLE', { image: tag, why: 'the engine does not have it' });
    return image.id;
  }

  get #cluster(): string {
    return this.#parts.spec.settings.name;
  }

  async #put(wanted: Parameters<Engine['createService']>[0]): Promise<void> {
    const { engine } = this.#parts;
    const held = await engine.service(wanted.name);
    if (held) await engine.updateService(held.id, held.version, wanted);
    else await engine.createService(wanted);
  }

  async #image(name: PlatformService): Promise<{ image: string; registryAuth?: RegistryAuth }> {
    const { images, settings } = this.#parts.spec;
    const recipe = {
      controller: images.controller,
      agent: images.controller,
      router: images.router,
      registry: images.registry!,
    }[name];
    const reference = settings.nodes === 'many' ? this.#references.get(recipe.tag) : undefined;
    return reference
      ? { image: reference, registryAuth: await this.#login() }
      : { image: await this.imageId(recipe.tag) };
  }

  async #login(): Promise<RegistryAuth> {
    const held = await this.#parts.engine.config(this.#parts.spec.registry?.password ?? trust.registryLogin);
    const { user, password } = JSON.parse(held?.data.toString('utf8') ?? '{}') as { user: string; password: string };
    return { user, password: new Secret(password) };
  }

  async #shared() {
    const { engine } = this.#parts;
    const id = async (network: string): Promise<string> => (await engine.network(network))?.id ?? network;
    const [routerToken, apiKey] = await this.#secretRefs([names.routerToken, apiCertificate.key]);
    return {
      networks: { control: await id(names.controlNetwork), proxy: await id(names.proxyNetwork) },
      routerToken: routerToken!,
      apiKey: apiKey!,
      apiCert: await this.#configRef(apiCertificate.cert),
    };
  }

  async #routerParts() {
    const {
      spec: { certificate },
      engine,
    } = this.#parts;
    const [cert, key] = await this.#secretRefs([certificate.cert, certificate.key]);
    return { cert: cert!, key: key!, constraints: routerConstraints(await engine.nodes()) };
  }

  async #trusted(): Promise<TrustRefs> {
    const {
      agentCert,
      agentKey,
      controllerCert,
      controllerKey,
      registryCert,
      registryKey,
      registryPassword,
      registryHtpasswd,
    } = trust;
    const named = {
      agentCert,
      agentKey,
      controllerCert,
      controllerKey,
      registryCert,
      registryKey,
      registryPassword: this.#parts.spec.registry?.password ?? registryPassword,
      registryHtpasswd,
    };
    const secrets = await this.#secretRefs(Object.values(named));
    const refs = Object.entries(named).map(([key], index) => [key, secrets[index]!] as const);
    return { ca: await this.#configRef(trust.ca), ...Object.fromEntries(refs) } as unknown as TrustRefs;
  }

  async #storageKeys(): Promise<StorageKeys | undefined> {
    const storage = this.#parts.spec.registry?.storage;
    if (!storage) return undefined;
    const [accessKey, secretKey] = await this.#secretRefs([storage.accessKey, storage.secretKey]);
    return { accessKey: accessKey!, secretKey: secretKey! };
  }

  async #configRef(name: string): Promise<{ id: string; name: string }> {
    return { id: (await this.#parts.engine.config(name))?.id ?? '', name };
  }

  async #secretRefs(names: readonly string[]): Promise<{ id: string; name: string }[]> {
    const all = await this.#parts.engine.secrets({});
    return names.map((name) => ({ id: all.find((secret) => secret.name === name)?.id ?? '', name }));
  }

  async #state(service: string): Promise<string> {
    const [task] = (await this.#parts.engine.tasks({ service })).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return task ? `its task is ${task.state}: ${task.error || task.message}` : 'it has no task';
  }
}

const loginOf = (user: string, password: string): Buffer => Buffer.from(JSON.stringify({ user, password }));
