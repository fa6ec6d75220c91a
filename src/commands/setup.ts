import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, readContexts, saveContext, type Context } from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { isInteractive } from '#cli/program/io.ts';
import { isLocalhost } from '#cli/session/localhost.ts';
import { machineFlags, machineSource } from '#cli/parse/machine-flags.ts';
import { runProgram } from '#cli/files/programs.ts';
import { ask } from '#cli/output/prompts.ts';
import { formatDuration, type Paint } from '#cli/output/text.ts';
import type { ClusterAccess, RunOptions, SetupResult } from '#cluster';
import { fail } from '#errors';
import { Secret, type Event, type Host } from '#events';
import type { MachineSource } from '#provision';

const setupFlags = {
  ...machineFlags,
  name: Flags.string({ description: 'Name of the cluster', helpValue: 'NAME' }),
  domain: Flags.string({
    description: 'Domain for apps, which get the URL NAME.DOMAIN; defaults to localhost',
    helpValue: 'DOMAIN',
  }),
  'http-port': Flags.integer({ description: 'HTTP port of the router; defaults to 80', helpValue: 'PORT' }),
  'https-port': Flags.integer({ description: 'HTTPS port of the router; defaults to 443', helpValue: 'PORT' }),
  publish: Flags.option({
    options: ['auto', 'ingress', 'host'] as const,
    description:
      "Publish the router on Swarm's ingress mesh or on host ports; defaults to the mesh if the kernel has IPVS",
  })(),
  stack: Flags.string({
    description: 'Stack for new apps',
    helpValue: 'STACK',
  }),
  'ca-file': Flags.string({
    description: 'Additional PEM certificates that builds trust; defaults to $NODE_EXTRA_CA_CERTS or $SSL_CERT_FILE',
    helpValue: 'FILE',
  }),
  mirror: Flags.string({
    description: 'Bootstrap from this Debian mirror instead of pulling an image',
    helpValue: 'URL',
  }),
  'npm-registry': Flags.string({
    description: 'npm registry for builds; defaults to the one npm uses here',
    helpValue: 'URL',
  }),
  'admin-user': Flags.string({
    description: 'User of the first token; defaults to admin',
    helpValue: 'USER',
  }),
  registry: Flags.string({
    description:
      "External registry to use instead of the cluster's own, as host/path; set its password in " +
      'MOTHERSHIP_REGISTRY_PASSWORD',
    helpValue: 'PREFIX',
  }),
  'registry-user': Flags.string({
    description: 'User for the external registry',
    helpValue: 'USER',
  }),
  'registry-bucket': Flags.string({
    description:
      "Bucket of an S3-compatible store for the cluster's registry; set its credentials in " +
      'MOTHERSHIP_REGISTRY_ACCESS_KEY and MOTHERSHIP_REGISTRY_SECRET_KEY',
    helpValue: 'NAME',
  }),
  'registry-region': Flags.string({
    description: 'Region of the bucket; defaults to us-east-1',
    helpValue: 'REGION',
    dependsOn: ['registry-bucket'],
  }),
  'registry-endpoint': Flags.string({
    description: 'URL of the store, if it is not Amazon S3',
    helpValue: 'URL',
    dependsOn: ['registry-bucket'],
  }),
  address: Flags.string({ description: 'Where to reach the router from here; defaults to 127.0.0.1', helpValue: 'IP' }),
  'advertise-address': Flags.string({ description: 'Address of this node for other nodes', helpValue: 'IP' }),
  'join-existing-swarm': Flags.boolean({ description: 'Share a Swarm with other services' }),
  plan: Flags.boolean({ description: 'Show the plan and exit' }),
  verbose: Flags.boolean({ description: 'Show the output of image builds' }),
  yes: Flags.boolean({ char: 'y', description: 'Do not prompt' }),
};

type SetupFlags = Interfaces.InferredFlags<typeof setupFlags> & { json: boolean };

export default class SetupCommand extends BaseCommand {
  static override summary = 'Set up a cluster on this machine or several';
  static override description =
    'Turns the Docker Engine on this machine into a cluster: Swarm, images, networks, ' +
    'controller and router. Shows its plan first. Run it again after an interruption or to ' +
    'change settings: only missing parts are set up.';
  static override examples = [
    'mothership setup',
    'mothership setup --domain example.com --yes',
    'mothership setup --http-port 8080 --https-port 8443',
    'mothership setup --plan',
  ];
  static override flags = setupFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(SetupCommand);
    const before = (await this.#context(flags.name ?? 'mothership'))?.machines;
    const source = await machineSource(flags, this.io, before);
    return source ? this.#fleet(flags, source) : this.#here(flags);
  }

  /** Sets up several machines. */
  async #fleet(flags: SetupFlags, source: MachineSource): Promise<void> {
    const { Fleet } = await import('#cluster');
    const { openFleet } = await import('#setup/open-fleet.ts');
    const host = this.#host(flags.verbose);
    const name = flags.name ?? 'mothership';
    const parts = await openFleet(source, {
      ...fleetOptions(this.io, this.cli, name, host),
      findToken: (cluster) => this.#token(cluster),
      // Saved with the first machine's address immediately; the others follow when all machines exist.
      keepToken: (given) => this.#keep(given, source),
    });
    await this.#stoppable(async (signal) => {
      try {
        const { managers, workers, zones } = source;
        const result = await new Fleet(parts).run(
          { cluster: name, managers, workers, zones },
          { ...(await this.#options(flags, '')), name },
          signal,
        );
        if (!result) return this.print({ plan: true });
        await this.#keepAddresses(
          name,
          result.machines.map(({ address }) => address),
          source,
        );
        const limits = (await parts.provider.limits?.()) ?? [];
        this.print({ ...toJson(result), machines: result.machines, limits }, (paint) => [
          ...this.#summary(result, paint),
          ...noteLimits(limits),
        ]);
      } finally {
        await parts.provider.close();
      }
    });
  }

  /** Sets up this machine only. */
  async #here(flags: SetupFlags): Promise<void> {
    const [{ Setup }, { localCluster }] = await Promise.all([import('#cluster'), import('#setup/local-cluster.ts')]);
    const local = await localCluster({
      dockerHost: this.io.env['DOCKER_HOST'],
      address: flags.address ?? (await this.#context(flags.name ?? 'mothership'))?.address,
      installation: fileURLToPath(import.meta.url),
    });
    const host = this.#host(flags.verbose);
    const setup = new Setup({
      ...local,
      provider: 'local',
      clock: this.io.clock,
      host,
      version: this.cli.version,
      findToken: (cluster) => this.#token(cluster),
      keepToken: (access) => this.#keep(access),
    });
    const options = await this.#options(flags, local.address);
    await this.#stoppable(async (signal) => {
      const result = await setup.run(options, signal);
      this.print(toJson(result), (paint) => (flags.plan ? [] : this.#summary(result, paint)));
    });
  }

  /** Ctrl-C stops between two steps. */
  async #stoppable(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const release = this.io.onSignal('SIGINT', () => abort.abort());
    try {
      await work(abort.signal);
    } finally {
      release();
    }
  }

  #host(verbose: boolean): Host {
    return {
      notify: (event: Event) => {
        if (event.type !== 'output' || verbose) this.progress.notify(event);
      },
      ask: (question: never) => {
        this.progress.pause();
        return ask(this.io, question);
      },
    } as Host;
  }

  async #options(flags: SetupFlags, address: string): Promise<RunOptions> {
    const given = {
      name: flags.name,
      domain: flags.domain,
      httpPort: flags['http-port'],
      httpsPort: flags['https-port'],
      publish: flags.publish,
      stack: flags.stack,
      caBundle: await this.#caBundle(flags['ca-file']),
      mirror: flags.mirror,
      npmRegistry: flags['npm-registry'] ?? (await this.#npmRegistry()),
      adminUser: flags['admin-user'],
      advertiseAddress: flags['advertise-address'],
      externalRegistry: this.#registry(flags),
      registryStorage: this.#registryStorage(flags),
    };
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const interactive = isInteractive(this.io) && !flags.yes;
    return {
      ...present,
      address,
      interactive,
      joinExistingSwarm: flags['join-existing-swarm'],
      planOnly: flags.plan,
      yes: flags.yes,
    };
  }

  #registry({ registry: prefix, 'registry-user': user }: SetupFlags): RunOptions['externalRegistry'] {
    if (!prefix) return undefined;
    const password = this.io.env['MOTHERSHIP_REGISTRY_PASSWORD'];
    if (!user || !password)
      throw fail('SETUP_OPTION_INVALID', {
        option: 'registry',
        given: prefix,
        why: 'also specify --registry-user, and set the password in MOTHERSHIP_REGISTRY_PASSWORD',
      });
    return { prefix, user, password: new Secret(password) };
  }

  #registryStorage({
    'registry-bucket': bucket,
    'registry-region': region = 'us-east-1',
    'registry-endpoint': endpoint,
  }: SetupFlags): RunOptions['registryStorage'] {
    if (!bucket) return undefined;
    const { MOTHERSHIP_REGISTRY_ACCESS_KEY: accessKey, MOTHERSHIP_REGISTRY_SECRET_KEY: secretKey } = this.io.env;
    if (!accessKey || !secretKey)
      throw fail('SETUP_OPTION_INVALID', {
        option: 'registry-bucket',
        given: bucket,
        why: 'set its credentials in MOTHERSHIP_REGISTRY_ACCESS_KEY and MOTHERSHIP_REGISTRY_SECRET_KEY',
      });
    return {
      bucket,
      region,
      ...(endpoint ? { endpoint } : {}),
      accessKey: new Secret(accessKey),
      secretKey: new Secret(secretKey),
    };
  }

  /** A bundle given by flag must exist; one from the environment may be missing. */
  async #caBundle(flag: string | undefined): Promise<Buffer | undefined> {
    const file = flag ?? (this.io.env['NODE_EXTRA_CA_CERTS'] || this.io.env['SSL_CERT_FILE']);
    if (!file) return undefined;
    return readFile(file).catch((error: Error) => {
      if (flag === undefined) return undefined;
      throw fail('FILE_UNREADABLE', { file, why: error.message }, error);
    });
  }

  /** The npm registry that npm uses here; undefined without npm. */
  async #npmRegistry(): Promise<string | undefined> {
    const given = this.io.env['npm_config_registry'] || this.io.env['NPM_CONFIG_REGISTRY'];
    const registry = given || (await runProgram(['npm', 'config', 'get', 'registry'], this.io)).stdout.trim();
    return /^https?:/.test(registry) ? registry.replace(/\/*$/, '/') : undefined;
  }

  async #token(cluster: string): Promise<Secret | undefined> {
    const token = (await this.#context(cluster))?.token;
    return token ? new Secret(token) : undefined;
  }

  async #context(cluster: string): Promise<Context | undefined> {
    return (await readContexts(contextsFile(this.io))).contexts[cluster];
  }

  async #keep({ cluster, url, domain, address, token }: ClusterAccess, machines?: MachineSource): Promise<void> {
    const known = isLocalhost(domain) && address === '127.0.0.1';
    await saveContext(contextsFile(this.io), cluster, {
      url,
      domain,
      token: token.reveal(),
      ...(known ? {} : { address }),
      ...(machines ? { machines } : {}),
    });
  }

  /** Saves all machines' addresses: if one is lost, the next is tried. */
  async #keepAddresses(cluster: string, addresses: readonly string[], machines: MachineSource): Promise<void> {
    const context = await this.#context(cluster);
    if (context)
      await saveContext(contextsFile(this.io), cluster, { ...context, address: addresses.join(','), machines });
  }

  #summary({ cluster, url, token, ms }: SetupResult, paint: Paint): string[] {
    return [
      `The cluster ${paint('bold', cluster)} is ready at ` +
        `${paint('bold', url)}${ms > 0 ? ` (${formatDuration(ms)})` : ''}.`,
      ...(token
        ? ['', `Admin token (shown only once): ${token.reveal()}`, `The token is saved in ${contextsFile(this.io)}.`]
        : []),
      '',
      'To deploy an app, run `mothership deploy` in its folder.',
    ];
  }
}

function noteLimits(limits: readonly string[]): string[] {
  return limits.length > 0 ? ['', 'Limitations of this cluster:', ...limits.map((limit) => `- ${limit}`)] : [];
}

function toJson({ token, steps, ...result }: SetupResult): object {
  const planned = steps.map(({ phase, title, cause }) => ({ phase, title, cause }));
  return { ...result, steps: planned, ...(token ? { token: token.reveal() } : {}) };
}
