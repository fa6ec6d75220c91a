import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { BaseCommand } from '../cli/base-command.ts';
import { contextsFile, readContexts, saveContext, type Context } from '../cli/contexts.ts';
import { isInteractive } from '../cli/io.ts';
import { isLocalhost } from '../cli/localhost.ts';
import { runProgram } from '../cli/programs.ts';
import { ask } from '../cli/prompts.ts';
import { formatDuration, type Paint } from '../cli/text.ts';
import type { ClusterAccess, RunOptions, SetupResult } from '../cluster/index.ts';
import { fail } from '../errors/index.ts';
import { Secret, type Event, type Host } from '../events/index.ts';

const setupFlags = {
  provider: Flags.option({ options: ['local'] as const, description: 'Where machines come from', default: 'local' as const })(),
  name: Flags.string({ description: 'Name of the cluster', helpValue: 'NAME' }),
  domain: Flags.string({ description: 'Apps are at NAME.DOMAIN; by default localhost', helpValue: 'DOMAIN' }),
  'http-port': Flags.integer({ description: 'Port of the router; by default 80', helpValue: 'PORT' }),
  'https-port': Flags.integer({ description: 'Port of the router; by default 443', helpValue: 'PORT' }),
  publish: Flags.option({ options: ['auto', 'ingress', 'host'] as const, description: 'On Swarm\'s mesh or on host ports; by default the mesh if the kernel has IPVS' })(),
  stack: Flags.string({ description: 'Stack of new apps', helpValue: 'STACK' }),
  'ca-file': Flags.string({ description: 'PEM certificates that builds trust beside the usual ones; by default $NODE_EXTRA_CA_CERTS or $SSL_CERT_FILE', helpValue: 'FILE' }),
  mirror: Flags.string({ description: 'Debian mirror to bootstrap from instead of pulling an image', helpValue: 'URL' }),
  'npm-registry': Flags.string({ description: 'npm registry that builds use; by default the one that npm uses here', helpValue: 'URL' }),
  'admin-user': Flags.string({ description: 'User of the first token; by default admin', helpValue: 'USER' }),
  address: Flags.string({ description: 'Where the router answers from here; by default 127.0.0.1', helpValue: 'IP' }),
  'advertise-address': Flags.string({ description: 'Address of this node for other nodes', helpValue: 'IP' }),
  'join-existing-swarm': Flags.boolean({ description: 'Share a Swarm that runs other services' }),
  plan: Flags.boolean({ description: 'Only show what would be done' }),
  verbose: Flags.boolean({ description: 'Show the output of image builds' }),
  yes: Flags.boolean({ char: 'y', description: 'Do not ask' }),
};

type SetupFlags = Interfaces.InferredFlags<typeof setupFlags>;

export default class SetupCommand extends BaseCommand {
  static override summary = 'Make this machine a cluster';
  static override description = 'Turns the Docker Engine here into a cluster: Swarm, images, networks, controller and router. Shows its plan first. Run it again after an interruption, or to change settings: what is done already is left alone.';
  static override examples = ['mothership setup', 'mothership setup --domain example.com --yes', 'mothership setup --http-port 8080 --https-port 8443', 'mothership setup --plan'];
  static override flags = setupFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(SetupCommand);
    const [{ Setup }, { localCluster }] = await Promise.all([import('../cluster/index.ts'), import('../platform/local-cluster.ts')]);
    const local = await localCluster({ dockerHost: this.io.env['DOCKER_HOST'], address: flags.address ?? (await this.#context(flags.name ?? 'mothership'))?.address, installation: fileURLToPath(import.meta.url) });
    const host = this.#host(flags.verbose);
    const setup = new Setup({ ...local, provider: flags.provider, clock: this.io.clock, host, version: this.cli.version, findToken: (cluster) => this.#token(cluster), keepToken: (access) => this.#keep(access) });
    const options = await this.#options(flags, local.address);
    const abort = new AbortController();
    const release = this.io.onSignal('SIGINT', () => abort.abort());
    try {
      const result = await setup.run(options, abort.signal);
      this.print(flags, toJson(result), (paint) => (flags.plan ? [] : this.#summary(result, paint)));
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
      name: flags.name, domain: flags.domain, httpPort: flags['http-port'], httpsPort: flags['https-port'], publish: flags.publish, stack: flags.stack,
      caBundle: await this.#caBundle(flags['ca-file']), mirror: flags.mirror, npmRegistry: flags['npm-registry'] ?? (await this.#npmRegistry()),
      adminUser: flags['admin-user'], advertiseAddress: flags['advertise-address'],
    };
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const interactive = isInteractive(this.io) && !flags.yes;
    return { ...present, address, interactive, joinExistingSwarm: flags['join-existing-swarm'], planOnly: flags.plan, yes: flags.yes };
  }

  /** A bundle that was named must be there; one that the environment names may be missing. */
  async #caBundle(flag: string | undefined): Promise<Buffer | undefined> {
    const file = flag ?? (this.io.env['NODE_EXTRA_CA_CERTS'] || this.io.env['SSL_CERT_FILE']);
    if (!file) return undefined;
    return readFile(file).catch((error: Error) => {
      if (flag === undefined) return undefined;
      throw fail('FILE_UNREADABLE', { file, why: error.message }, error);
    });
  }

  /** Where npm gets packages here is where builds get them. Missing when npm is. */
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

  async #keep({ cluster, url, domain, address, token }: ClusterAccess): Promise<void> {
    const known = isLocalhost(domain) && address === '127.0.0.1';
    await saveContext(contextsFile(this.io), cluster, { url, domain, token: token.reveal(), ...(known ? {} : { address }) });
  }

  #summary({ cluster, url, token, ms }: SetupResult, paint: Paint): string[] {
    return [
      `The cluster ${paint('bold', cluster)} is ready at ${paint('bold', url)}${ms > 0 ? ` (${formatDuration(ms)})` : ''}.`,
      ...(token ? ['', `Admin token, shown this once: ${token.reveal()}`, `It is kept in ${contextsFile(this.io)}.`] : []),
      '', 'Deploy an app: go to its folder and run `mothership deploy`.',
    ];
  }
}

function toJson({ token, steps, ...result }: SetupResult): object {
  const planned = steps.map(({ phase, title, cause }) => ({ phase, title, cause }));
  return { ...result, steps: planned, ...(token ? { token: token.reveal() } : {}) };
}
