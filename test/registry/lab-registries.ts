import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterSpec } from '../../src/cluster/setup/cluster-spec.ts';
import { InstalledFiles } from '../../src/cluster/index.ts';
import { contextTar } from '../../src/cluster/images/image-recipe.ts';
import { registryService } from '../../src/cluster/services/registry-service.ts';
import type { TrustRefs } from '../../src/cluster/services/service-parts.ts';
import { dockerEngine, type Engine, type RegistryAuth, type ServiceSpec } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { freeBlobs } from '../../src/registry/free-blobs.ts';
import { RegistryClient } from '../../src/registry/client/client.ts';
import { CONTRACT, until } from '../engine/subject.ts';
import type { S3Store } from './s3-store.ts';
import { BASE_IMAGE, contentKey, seedImages, type LabNode } from '../lab/index.ts';

export const SERVER = 'registry.mothership.internal:5000';
export const auth: RegistryAuth = { user: 'mothership', password: new Secret('correct horse') };
type Port = 5000 | 5001 | 5002;
const IMAGE = 'mothership-test/registry:latest';

/** A key, its certificate for the registry's name and an htpasswd file, as setup makes them; the certificate is its own authority. */
export interface Trust {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly htpasswd: Buffer;
}

export async function makeTrust(subject = 'DNS:registry.mothership.internal'): Promise<Trust> {
  const folder = await mkdtemp(join(tmpdir(), 'mothership-trust-'));
  try {
    await execa(
      'openssl',
      [
        ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test'.split(' '),
        ...['-addext', `subjectAltName=${subject}`, '-keyout', 'key.pem', '-out', 'cert.pem'],
      ],
      { cwd: folder },
    );
    const { stdout } = await execa('perl', [
      '-e',
      'print "mothership:", crypt($ARGV[0], q($2y$05$) . "a" x 22), "\\n"',
      auth.password.reveal(),
    ]);
    const [cert, key] = await Promise.all(['cert.pem', 'key.pem'].map((name) => readFile(join(folder, name))));
    return { cert: cert!, key: key!, htpasswd: Buffer.from(stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two registries on one node, as two managers have them: Swarm services on host ports, reached by TLS and a password. */
export class LabRegistries {
  readonly node: LabNode;
  readonly engine: Engine;
  readonly trust: Trust;

  constructor(node: LabNode, trust: Trust) {
    this.node = node;
    this.engine = dockerEngine({ socketPath: node.socket });
    this.trust = trust;
  }

  async start(): Promise<void> {
    await this.node.loadImage(BASE_IMAGE);
    const files = await new InstalledFiles(join(import.meta.dirname, '../..')).folder('templates/images/registry');
    const key = contentKey('registry', ...files.map(({ path, content }) => `${path}\n${content.toString()}`));
    await seedImages(this.node, [IMAGE], key, async () => {
      await this.engine.buildImage(contextTar(files), { tag: IMAGE, buildArgs: { BASE: BASE_IMAGE } }, () => undefined);
    });
    await this.engine.initSwarm({ advertiseAddress: this.node.ip });
    await this.node.exec(['sh', '-c', 'echo "127.0.0.1 registry.mothership.internal" >> /etc/hosts']);
    await this.#write(`/etc/docker/certs.d/${SERVER}/ca.crt`, this.trust.cert);
    await Promise.all([this.#run('registry-1', 5000), this.#run('registry-2', 5001)]);
  }

  /** Beside the two: one whose images are in a bucket of this machine's, with the settings that setup gives it. */
  async startOnBucket(store: S3Store, secretKey: string): Promise<RegistryClient> {
    const host = (await this.node.exec(['sh', '-c', 'ip -4 route show default | cut -d" " -f3'])).stdout.trim();
    const storage = {
      bucket: store.bucket,
      region: 'eu-central-1',
      endpoint: `http://${host}:${store.port}`,
      accessKey: 's3-access',
      secretKey: 's3-secret',
    };
    const [accessKey, secret] = await Promise.all(
      (
        [
          ['s3-access', store.accessKey],
          ['s3-secret', secretKey],
        ] as const
      ).map(async ([name, data]) => ({
        name,
        id: await this.engine.createSecret({ name, labels: CONTRACT, data: Buffer.from(data) }),
      })),
    );
    const recipes = Object.fromEntries(
      ['controller', 'router', 'registry', 'stackRun', 'stackBuild'].map((name) => [name, { tag: name }]),
    );
    const wanted = registryService(
      {
        settings: { name: 'lab' },
        images: recipes,
        certificate: { cert: '', key: '' },
        registry: { kind: 'cluster', prefix: SERVER, user: auth.user, storage },
      } as unknown as ClusterSpec,
      { image: '', networks: { control: '', proxy: '' }, routerToken: accessKey! },
      {} as TrustRefs,
      { accessKey: accessKey!, secretKey: secret! },
    );
    await this.#run('registry-3', 5002, { env: wanted.env, secrets: wanted.secrets!.slice(-2) });
    return this.client(5002);
  }

  /** As the controller reaches it: at an address, by the registry's one name. */
  client(port: Port, change: { ca?: Buffer; auth?: RegistryAuth } = {}): RegistryClient {
    return new RegistryClient({
      host: this.node.ip,
      port,
      server: SERVER,
      ca: this.trust.cert,
      auth,
      freeBlobs: () => this.#free(port),
      ...change,
    });
  }

  /** Bytes in a registry's volume. */
  async size(port: Port): Promise<number> {
    const { stdout } = await this.node.exec(['du', '-sb', `/var/lib/docker/volumes/${nameOf(port)}/_data`]);
    return Number.parseInt(stdout, 10);
  }

  async #run(
    name: string,
    port: Port,
    { env, secrets: more = [] }: Pick<Partial<ServiceSpec>, 'env' | 'secrets'> = {},
  ): Promise<void> {
    const secrets = await Promise.all(
      Object.entries({ cert: this.trust.cert, key: this.trust.key, htpasswd: this.trust.htpasswd }).map(
        async ([part, data]) => {
          const id = await this.engine.createSecret({ name: `${name}-${part}`, labels: CONTRACT, data });
          return { id, name: `${name}-${part}`, path: `/run/secrets/registry-${part}`, mode: 0o444 };
        },
      ),
    );
    await this.engine.createService({
      name,
      labels: {},
      image: (await this.engine.image(IMAGE))!.id,
      env: { REGISTRY_HTTP_ADDR: ':5000', ...env },
      secrets: [...secrets, ...more],
      mounts: [{ type: 'volume', source: name, target: '/var/lib/registry' }],
      networks: [],
      replicas: 1,
      endpointMode: 'dnsrr',
      capDrop: ['ALL'],
      noNewPrivileges: true,
      ports: [{ target: 5000, published: port, mode: 'host' }],
      restart: { condition: 'any', delayMs: 500 },
    });
    const client = this.client(port);
    await until(`${name} to answer`, () => client.tags('apps/none').catch(() => undefined));
  }

  async #free(port: Port): Promise<void> {
    const [task] = await this.engine.tasks({ service: nameOf(port), desired: 'running' });
    await freeBlobs(this.engine, task!.containerId!, nameOf(port));
  }

  async #write(path: string, content: Buffer): Promise<void> {
    await this.node.exec(['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path], {
      stdin: content.toString(),
    });
  }
}

function nameOf(port: Port): string {
  return `registry-${port - 4999}`;
}
